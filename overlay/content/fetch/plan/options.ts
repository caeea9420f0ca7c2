import type { CID } from 'multiformats/cid'
import type { Asked } from './event.ts'
import type { Paces } from './pace.ts'

/** Bytes that are fetched ahead of the reader and held for it: 16 of our blocks, a second of a fast line. */
export const WINDOW_BYTES = 4 << 20

export interface PlanOptions {
  /** Who may be asked now, the best first where nothing is known of their speed. */
  readonly sources: () => readonly Asked[]
  readonly isCached: (cid: CID) => boolean
  readonly paces: Paces
  /** Bytes ahead of the reader; `WINDOW_BYTES` where not given. */
  readonly window?: number
}
