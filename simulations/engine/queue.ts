/**
 * Events in the order of their time, and of their scheduling where times are equal. What was taken last stands in the
 * fields, so that no object is made for an event.
 */
export interface EventQueue {
  readonly size: number
  time: number
  kind: number
  a: number
  b: number
  c: number
  /** @throws RangeError where the time is not a whole tick, or past: before the last event, or before an `until` that was given */
  schedule(time: number, kind: number, a: number, b: number, c: number): void
  /** Takes the next event that is due at `until` or before; false where there is none. */
  take(until: number): boolean
}
