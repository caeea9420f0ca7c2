import type { CID } from 'multiformats/cid'
import type { VerifiedSite } from './site-record.ts'

/** The tree of the folder that this node publishes, as readers over the network see it. */
export interface OwnTree {
  /** Undefined until the tree is built, and where nothing is published. */
  readonly root: CID | undefined
  /** What was signed last; its root may be older than `root` for a moment. */
  readonly site: VerifiedSite | undefined
  /** The bytes of `site`. */
  readonly record: Uint8Array | undefined
  /** The bytes of a block, checked against its CID; undefined for one of another site, or of a file that has changed since. */
  block(cid: CID): Promise<Uint8Array | undefined>
}
