import type { Datastore } from 'interface-datastore'
import type { Configuration } from '../config.ts'
import type { RecordNetwork } from '../discovery/index.ts'
import { InvalidSourceError, readListedSource, type SiteContent } from '../http-gateway/index.ts'
import { KnownSites } from '../overlay/content/index.ts'

export interface ContentOptions {
  readonly settings: Configuration['content']
  readonly datastore: Datastore
  readonly network: Pick<RecordNetwork, 'routingTableSize' | 'nearby' | 'get'>
}

/** What sites of others are verified with and kept in; few nodes need it while they start, so it is loaded when it is asked for. */
export async function openContent({
  settings,
  datastore,
  network
}: ContentOptions): Promise<SiteContent> {
  const { MemoryCache } = await import('../overlay/content/fetch/index.ts')
  const knownSites = new KnownSites(datastore)

  await knownSites.open()

  return {
    knownSites,
    network,
    cache: new MemoryCache(settings.memorySize),
    sources: settings.sources.flatMap(text => readListedSource(text) ?? []),
    privateSources: settings.privateSources
  }
}

/** @throws {InvalidSourceError} */
export function readSource(text: string): NonNullable<ReturnType<typeof readListedSource>> {
  const source = readListedSource(text)

  if (source == null) throw new InvalidSourceError(text)

  return source
}
