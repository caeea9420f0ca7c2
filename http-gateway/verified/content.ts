import type { RecordNetwork } from '../../discovery/index.ts'
import type { BlockCache } from '../../overlay/content/fetch/index.ts'
import type { KnownSites } from '../../overlay/content/index.ts'
import type { FoundMirrorsOptions } from '../mirrors/service.ts'
import type { ListedSource } from '../upstream/sources/source-url.ts'

/** What the gateway needs of the layers below to serve the sites of others from signed trees. */
export interface Content {
  readonly knownSites: KnownSites
  readonly network: Pick<RecordNetwork, 'routingTableSize' | 'nearby' | 'get'>
  readonly cache: BlockCache
  /** Where sites are read besides their publishers. */
  readonly sources: readonly ListedSource[]
  /** Those sources may have private addresses. */
  readonly privateSources: boolean
  /** How mirrors of a site are found; without it none are looked for. */
  readonly findMirrors?: FoundMirrorsOptions['find']
}
