import type { AddressFingerprint, FullAddress, NodeUuid } from '../../identity/index.ts'

/** A node that its certificate alone makes known, since this node's owner trusts it at level 3. It has no rights of the owner. */
export interface Caller {
  readonly uuid: NodeUuid
  readonly fp: AddressFingerprint
  /** '<uuid>.<fp>'. */
  readonly address: string
  readonly level: 3
  /** What the owner calls it, where it has a name. */
  readonly name?: string | undefined
}

/** Says who a node is that has proved its key; undefined for one that is not trusted so far. */
export type KnowCaller = (address: FullAddress) => Caller | undefined
