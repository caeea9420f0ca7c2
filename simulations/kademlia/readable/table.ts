/** Whom a node knows. */
export interface Table {
  /** All ids, in no order. */
  readonly contacts: number[]
  clear(): void
  /**
   * Notes that a contact is alive.
   * @returns a contact of the same bucket that should be asked for a sign of life, since it may be in the way of this one
   */
  touch(id: number, now: number): number | undefined
  /**
   * Notes that somebody was told of.
   * @returns whom to ask for a sign of life: that one, or one that is in its way
   */
  hear(id: number, now: number): number | undefined
  /** Notes that a contact left a request unanswered. */
  fail(id: number): void
  /** Writes the contacts nearest to a target, as `asker` is told them, to `out` from `at` on; returns how many there are, k at most. */
  writeNearest(target: number, out: Int32Array, at: number, asker: number): number
  /** The k contacts nearest to a target. */
  nearest(target: number): number[]
}
