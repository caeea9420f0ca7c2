import type { RememberedFault } from '../../overlay/content/fetch/index.ts'

/** A lie about a block, as it is remembered; in the first ms of all times. */
export const FAULT: RememberedFault = {
  source: 'a',
  site: 'site',
  root: 'root',
  byCid: true,
  kind: 'wrong',
  reason: 'gave other bytes',
  cid: 'cid',
  path: ['a.html'],
  offset: 0,
  time: 1
}
