/** What a node knows of a source apart from what it asked of it as one. */
export interface Standing {
  /** Of the line to it, in ms, as this node measured it. */
  readonly roundTrip?: number
  /** As follows from the place that it claims, in ms. */
  readonly claimedRoundTrip?: number
  /** 0 for a stranger, to 3: how far this node trusts it to mirror. */
  readonly trust: number
}

/** All that decides whether a source is asked. */
export interface Evidence extends Partial<Standing> {
  readonly id: string
  /** From a request to its first byte, in ms. */
  readonly latency?: number | undefined
  /** Bytes a ms. */
  readonly rate?: number | undefined
  /** The part of its requests that went well lately, above 0 to 1. */
  readonly reliability: number
  /** What it was wrong about in other sites. */
  readonly lies: number
}
