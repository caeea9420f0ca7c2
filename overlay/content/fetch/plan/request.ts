/** A request that is on its way: blocks `from` to before `to` from one source. */
export interface Request {
  readonly id: number
  readonly source: string
  readonly by: 'range' | 'block'
  readonly from: number
  /** Lowered where another source takes over what is left. */
  to: number
  /** The block that comes next. */
  next: number
  /** Asked for a block that another request is late with. */
  readonly isHedge: boolean
  readonly startedAt: number
  /** When the first byte came. */
  begunAt: number | undefined
  /** When the last bytes came. */
  progressAt: number
  /** When the block that comes next was asked for or began. */
  blockAt: number
  /** Bytes since the last block was complete. */
  partial: number
  /** Bytes since `countedAt`, for the pace. */
  counted: number
  countedAt: number
  /** Bytes of all its whole blocks. */
  received: number
  /** Whether it has told the pace of its source. */
  isMeasured: boolean
  /** Waits for the reader. */
  isPaused: boolean
}

/** How long a source may send nothing of a range, in ms. */
const STALL_AFTER = 10_000

/** How long a block that is asked for alone may take, in ms: 256 KiB at 17 KiB a second. */
const SINGLE_BLOCK_WITHIN = 15_000

/** How long a block in a range may take however little of it keeps coming, in ms: 256 KiB at 4 KiB a second. */
const BLOCK_WITHIN = 60_000

/** When the request is given up unless something comes, in ms. */
export function deadlineOf({ by, isPaused, progressAt, blockAt }: Request): number {
  if (isPaused) return Number.POSITIVE_INFINITY

  return by === 'block'
    ? blockAt + SINGLE_BLOCK_WITHIN
    : Math.min(progressAt + STALL_AFTER, blockAt + BLOCK_WITHIN)
}

/** Bytes a ms lately, undefined before there is something to go by. */
export function rateOf({ counted, countedAt }: Request, now: number): number | undefined {
  return counted === 0 ? undefined : counted / Math.max(1, now - countedAt)
}
