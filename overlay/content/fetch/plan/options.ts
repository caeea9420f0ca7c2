import type { CID } from 'multiformats/cid'
import type { Asked } from './event.ts'
import type { Paces } from './pace.ts'

export interface PlanOptions {
  /** Who may be asked now; equals are asked in this order. */
  readonly sources: () => readonly Asked[]
  readonly isCached: (cid: CID) => boolean
  readonly paces: Paces
  /** How often a source was wrong in other sites. */
  readonly lies?: ((source: string) => number) | undefined
  /** Bytes that may be held ahead of the reader now. */
  readonly window: () => number
}
