import type { FullAddress } from '../../identity/index.ts'
import type { OwnTree } from '../../overlay/content/index.ts'

/** A mirror whose content is to be compared with a tree. */
export interface CheckedMirror {
  readonly node: FullAddress | undefined
  /** Each was found to be the mirror's own. */
  readonly uris: readonly string[]
  readonly prefix: string
}

/** `differs`: it sent other bytes than the tree names. `isGood` and `differs` are both false where it could not be told. */
export interface Comparison {
  readonly isGood: boolean
  readonly differs: boolean
  /** Compared. */
  readonly ranges: number
  readonly reason?: string | undefined
}

/** Compares random parts of what a mirror serves with the tree of this node; never rejects. */
export type CheckMirror = (
  mirror: CheckedMirror,
  tree: OwnTree,
  signal: AbortSignal
) => Promise<Comparison>

/** The same through other nodes; undefined where none does it. */
export type CheckThroughOthers = (
  mirror: CheckedMirror & { readonly node: FullAddress },
  tree: OwnTree,
  signal: AbortSignal
) => Promise<Comparison | undefined>
