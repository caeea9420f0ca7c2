import type { CID } from 'multiformats/cid'
import type { Block } from './node.ts'

/** Where the nodes of the tree before are read, and those of the new one go. */
export interface Blocks {
  /** @throws {MissingNodeError} */
  load(cid: CID): Promise<Uint8Array>
  /** Waits now and then, so that a large directory does not hold up everything else. */
  emit(block: Block): Promise<void>
  /** Lets others have their turn. */
  pause(): Promise<void>
}
