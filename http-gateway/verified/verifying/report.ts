/** What one source has of a site, and how that compares with the signed tree. */
export interface SourceReport {
  readonly id: string
  /** `cache`: what this node keeps of what it has read. */
  readonly kind: 'node' | 'web' | 'gateway' | 'cache'
  readonly state: 'complete' | 'partial' | 'wrong' | 'unreachable'
  /** The number of the site record that it gives; undefined where it gives none. */
  readonly seq?: number | undefined
  readonly blocks: BlockCounts
  /** Of right blocks. */
  readonly bytes: number
  /** The first of them. */
  readonly faults: readonly BlockFault[]
}

/** `skipped` were not asked for: the source has no way to give them, or was not reached before. */
export interface BlockCounts {
  readonly right: number
  readonly wrong: number
  readonly absent: number
  readonly failed: number
  readonly skipped: number
}

export interface BlockFault {
  readonly kind: 'wrong' | 'absent' | 'failed' | 'stalled'
  /** Below the root of the site; that of a folder for a block of its list. */
  readonly path: string
  /** Where in the file the block begins, in bytes; undefined for blocks of the tree. */
  readonly offset?: number | undefined
  readonly cid: string
  readonly reason: string
}

/** Everything that `plexnet verify` finds out; times are ms since the epoch. */
export interface VerifyReport {
  readonly event: 'report'
  readonly address: string
  readonly seq: number
  readonly root: string
  readonly issued: number
  readonly expires: number
  /** When the publisher last stood by the record. */
  readonly confirmed: number
  readonly files: number
  readonly blocks: number
  readonly bytes: number
  readonly sources: readonly SourceReport[]
  /** Blocks that no source besides this node's own cache has right; the first of them are named. */
  readonly missing: { readonly count: number; readonly some: readonly BlockFault[] }
  /** Why not the whole tree was looked at, where it was not. */
  readonly incomplete?: string | undefined
}

export interface VerifyProgress {
  readonly event: 'progress'
  readonly path: string
  readonly files: number
  readonly blocks: number
  readonly bytes: number
}

export type VerifyEvent = VerifyProgress | VerifyReport
