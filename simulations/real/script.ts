/** What happens to a network, one thing after the other; nodes and keys are numbers. */
export type Step =
  | { readonly do: 'switch'; readonly node: number }
  | { readonly do: 'look up'; readonly node: number; readonly key: number }
  | { readonly do: 'put'; readonly record: number }
  | { readonly do: 'find'; readonly record: number }

/** A scenario as it is played on real nodes. */
export interface Script {
  readonly nodes: number
  /** The nodes that are on at first. */
  readonly first: readonly number[]
  readonly steps: readonly Step[]
}
