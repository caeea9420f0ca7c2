import type { CID } from 'multiformats/cid'

/** A block that is wanted, and where its bytes stand in a file if they stand in one. */
export interface Wanted {
  readonly cid: CID
  /** Undefined for blocks of the tree, which are in no file. */
  readonly place?: Place
}

/** Bytes of a file by the path at which ordinary web servers have it. */
export interface Place {
  readonly path: readonly string[]
  readonly offset: number
  /** In bytes, as the tree says. */
  readonly size: number
  /** Of the whole file. */
  readonly fileSize: number
}

/** Where the walk through a tree gets its blocks: each has been checked against its CID. */
export interface Blocks {
  get(wanted: Wanted, signal: AbortSignal): Promise<Uint8Array>
}
