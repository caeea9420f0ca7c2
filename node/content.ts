import type { Datastore } from 'interface-datastore'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Configuration } from '../config.ts'
import type { RecordNetwork } from '../discovery/index.ts'
import { InvalidSourceError, readListedSource, type SiteContent } from '../http-gateway/index.ts'
import { errorMessage } from '../identity/index.ts'
import type { DiskCache } from '../overlay/content/fetch/index.ts'

export interface SiteContentsOptions extends Pick<
  ContentOptions,
  'directory' | 'settings' | 'onWarning'
> {
  /** What further parts of the node add. */
  readonly around: (content: SiteContent) => SiteContent
  /** Resolves when the network is up. */
  readonly network: () => Promise<{
    readonly datastore: Datastore
    readonly overlay: ContentOptions['network']
  }>
}

/** `openContent`, once, when it is first asked for. */
export class SiteContents {
  readonly #options: SiteContentsOptions
  #content: Promise<OpenContent> | undefined

  constructor(options: SiteContentsOptions) {
    this.#options = options
  }

  async open(): Promise<SiteContent> {
    const { datastore, overlay: network } = await this.#options.network()

    this.#content ??= openContent({ ...this.#options, datastore, network })

    return (await this.#content).content
  }

  /** Nothing is kept any more of what is read. */
  async close(): Promise<void> {
    const open = await this.#content?.catch(() => undefined)

    await open?.disk.close()
  }
}

interface OpenContent {
  readonly content: SiteContent
  readonly disk: DiskCache
}

interface ContentOptions {
  /** For what can be fetched again. */
  readonly directory: string
  readonly onWarning: (message: string) => void
  readonly settings: Configuration['content']
  readonly datastore: Datastore
  readonly network: Pick<RecordNetwork, 'routingTableSize' | 'nearby' | 'get'>
}

/** What sites of others are verified with and kept in; few nodes need it while they start, so it is loaded when it is asked for. */
async function openContent({
  around,
  directory,
  onWarning,
  settings,
  datastore,
  network
}: ContentOptions & Pick<SiteContentsOptions, 'around'>): Promise<OpenContent> {
  const { KnownSites } = await import('../overlay/content/index.ts')
  const {
    DiskCache: Disk,
    KnownFaults,
    MemoryCache,
    TieredCache
  } = await import('../overlay/content/fetch/index.ts')
  const knownSites = new KnownSites(datastore)
  const faults = new KnownFaults(datastore, error =>
    onWarning(`Who lied is not kept for the next start: ${errorMessage(error)}`)
  )
  const disk = new Disk({
    directory: join(directory, 'blocks'),
    maxBytes: settings.cacheSize,
    onPause: error => onWarning(`Blocks are not kept on the disk for now: ${errorMessage(error)}`)
  })

  // What somebody has read is nobody else's business.
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await Promise.all([knownSites.open(), faults.open(), disk.start()])

  const content = around({
    knownSites,
    network,
    faults,
    cache: new TieredCache(new MemoryCache(settings.memorySize), disk),
    sources: settings.sources.flatMap(text => readListedSource(text) ?? []),
    privateSources: settings.privateSources
  })

  return { content, disk }
}

/** @throws {InvalidSourceError} */
export function readSource(text: string): NonNullable<ReturnType<typeof readListedSource>> {
  const source = readListedSource(text)

  if (source == null) throw new InvalidSourceError(text)

  return source
}
