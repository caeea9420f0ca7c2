import { PAGE_BYTES, type Extent } from './pages.ts'

/** Bytes at one place of a file. */
export interface Placed {
  /** In bytes from the beginning of the file. */
  readonly position: number
  readonly pieces: Uint8Array[]
}

/** Where the pieces of a block go that lies in these extents. */
export function placePieces(pieces: readonly Uint8Array[], extents: readonly Extent[]): Placed[] {
  const rest = pieces.values()
  let piece: Uint8Array = new Uint8Array(0)

  return extents.map(({ start, count }) => {
    const placed: Placed = { position: start * PAGE_BYTES, pieces: [] }

    for (let room = count * PAGE_BYTES; room > 0;) {
      if (piece.length === 0) {
        const next = rest.next()

        if (next.done === true) break
        piece = next.value
      }

      const part = piece.subarray(0, room)

      placed.pieces.push(part)
      piece = piece.subarray(part.length)
      room -= part.length
    }

    return placed
  })
}
