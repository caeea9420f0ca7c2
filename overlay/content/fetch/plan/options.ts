import type { CID } from 'multiformats/cid'
import type { Asked } from './event.ts'
import type { Paces } from './pace.ts'

export interface PlanOptions {
  /** Who may be asked now, the best first where nothing is known of their speed. */
  readonly sources: () => readonly Asked[]
  readonly isCached: (cid: CID) => boolean
  readonly paces: Paces
  /** Bytes that may be held ahead of the reader now. */
  readonly window: () => number
}
