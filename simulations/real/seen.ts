/** What a real lookup was seen to do. */
export interface SeenLookup {
  readonly requests: number
  /** Requests that nobody answered. */
  readonly failures: number
  /** Requests one after another that led to the nearest that answered; 0 where none did. */
  readonly hops: number
  /** Peers that answered, nearest first. */
  readonly nearest: readonly string[]
  /** Of these, those that held the record, where one was looked for. */
  readonly holders: number
}
