export interface LookupOrder {
  readonly origin: number
  /** Of the origin, when it began. */
  readonly session: number
  readonly target: number
  readonly needed: number
  readonly purpose: number
  readonly tag: number
  readonly started: number
}

/** A lookup under way, by whatever rule. */
export interface Walk {
  readonly order: LookupOrder
  readonly pending: number
  readonly requests: number
  readonly timeouts: number
  isOver: boolean
  /** Takes `count` of the ids from `from` on, `hops` away; `teacher` has told them, or nobody at the beginning. */
  learn(ids: ArrayLike<number>, from: number, count: number, hops: number, teacher?: number): void
  /** The contact that is to be asked now, noted as asked. */
  next(): number | undefined
  /** The hops to a contact that has answered or failed; undefined where it no longer matters. */
  settle(id: number, state: 'answered' | 'failed'): number | undefined
  isDone(): boolean
  /** Those that answered, nearest first, at most k. */
  readonly nearest: readonly { readonly id: number; readonly hops: number }[]
}
