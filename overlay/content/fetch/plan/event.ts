import type { Standing } from '../choice/evidence.ts'
import type { SourceFault } from '../source.ts'
import type { Request } from './request.ts'
import type { Item } from './slots.ts'

/** A source as the plan knows it. */
export interface Asked {
  readonly id: string
  readonly hasRanges: boolean
  readonly hasBlocks: boolean
  readonly standing?: Standing | undefined
}

/** What happened; indices count blocks from the first of the transfer. */
export type PlanEvent =
  /** The next blocks are known; those with bytes of their own are there already. */
  | { readonly type: 'known'; readonly items: readonly Item[]; readonly isThere: boolean }
  | { readonly type: 'looked'; readonly index: number; readonly isThere: boolean }
  | { readonly type: 'bytes'; readonly request: Request; readonly bytes: number }
  /** A block of so many bytes is complete and right. */
  | {
      readonly type: 'block'
      readonly request: Request
      readonly index: number
      readonly bytes: number
    }
  | { readonly type: 'paused' | 'resumed'; readonly request: Request }
  | { readonly type: 'ended'; readonly request: Request; readonly fault?: SourceFault }
  /** The reader took the first block. */
  | { readonly type: 'taken' }
  | { readonly type: 'time' }

/** What is to be done. */
export type PlanAction =
  | { readonly type: 'ask'; readonly request: Request }
  | { readonly type: 'cancel'; readonly request: Request }
  /** The cache probably has the block. */
  | { readonly type: 'look'; readonly index: number }
  /** The source sent nothing for too long: tell the plan that the request ended with this fault. */
  | { readonly type: 'stalled'; readonly request: Request }
  /** These blocks are the one that just came. */
  | { readonly type: 'copy'; readonly from: number; readonly to: number }
  /** Nobody is left who could give the first block. */
  | { readonly type: 'give-up'; readonly index: number; readonly faults: readonly SourceFault[] }
