import type { BlockCache } from '../../block-cache/block-cache.ts'
import type { Asked } from '../plan/event.ts'
import type { Paces } from '../plan/pace.ts'
import type { Item } from '../plan/slots.ts'
import type { BlockSource, SourceFault } from '../source.ts'

/** What transfers of one site share. */
export interface TransferContext {
  /** Who may be asked now: without those who lied. */
  readonly sources: () => readonly BlockSource[]
  /** Why those who lied are not asked. */
  readonly excluded: () => readonly SourceFault[]
  readonly cache: BlockCache
  readonly paces: Paces
  /** How often a source was wrong in other sites. */
  readonly lies: (source: string) => number
  /** Learns what a source did; `byCid` where it was asked for the block itself. */
  readonly blame: (fault: SourceFault, byCid: boolean) => void
  /** Bytes that a transfer may hold ahead of its reader now. */
  readonly window: () => number
}

/** The file whose blocks are transferred, by the path at which web servers have it. */
export interface TransferFile {
  readonly path: readonly string[]
  /** In bytes. */
  readonly size: number
}

/** The next block of a transfer, with its bytes where the tree had them. */
export interface Piece {
  readonly item: Item
  readonly bytes?: Uint8Array
}

/** A block that came in its turn, checked. */
export interface Delivered {
  readonly item: Item
  readonly chunks: readonly Uint8Array[]
}

/** A source as the plan knows it. */
export function askedOf(source: BlockSource): Asked {
  return {
    id: source.id,
    hasRanges: source.range != null,
    hasBlocks: source.block != null,
    standing: source.standing?.()
  }
}
