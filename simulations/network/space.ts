/** A plane with heights that nodes are placed in; lengths in ms of round trip. */
export interface Space {
  readonly clusters: readonly Cluster[]
  readonly medianHeight: number
  /** Of the logarithm of the heights. */
  readonly heightDeviation: number
  /** Of two nodes drawn at random. */
  readonly meanRoundTrip: number
}

/** Nodes of one region: normal around its middle. */
export interface Cluster {
  readonly x: number
  readonly y: number
  readonly spread: number
  /** The share of nodes in this cluster and those before it. */
  readonly cumulative: number
}
