import type { RecordNetwork } from '../../discovery/index.ts'
import type { FullAddress } from '../../identity/index.ts'
import type { Regard, SignedAnswer } from '../../overlay/audit/index.ts'
import type { BlockCache, KnownFaults, Standing } from '../../overlay/content/fetch/index.ts'
import type { KnownSites } from '../../overlay/content/index.ts'
import type { FoundMirrorsOptions } from '../mirrors/service.ts'
import type { Siblings } from '../siblings/service.ts'
import type { ListedSource } from '../upstream/sources/source-url.ts'

/** What the gateway needs of the layers below to serve the sites of others from signed trees. */
export interface Content {
  readonly knownSites: KnownSites
  readonly network: Pick<RecordNetwork, 'routingTableSize' | 'nearby' | 'get'>
  readonly cache: BlockCache
  /** Who was wrong before, for the next start; without it everybody begins anew. */
  readonly faults?: KnownFaults | undefined
  /** Where sites are read besides their publishers. */
  readonly sources: readonly ListedSource[]
  /** Those sources may have private addresses. */
  readonly privateSources: boolean
  /** What is known of a node besides what was asked of it. */
  readonly standingOf?: ((address: FullAddress) => Standing) | undefined
  /** Whether an address is that of this node itself. */
  readonly isOwn?: ((address: FullAddress) => boolean) | undefined
  /** How mirrors of a site are found; without it none are looked for. */
  readonly findMirrors?: FoundMirrorsOptions['find']
  /** Nodes nearby that may be asked for what they have read; without it nobody is. */
  readonly siblings?: Siblings
  /** How a node is read from that was shown to have lied. */
  readonly regard?: (node: FullAddress) => Regard
  /** A node signed an answer that shows it to lie. */
  readonly onLie?: (node: FullAddress, answer: SignedAnswer) => void
}
