/** Bytes in one piece. A small slice is copied: it would keep the whole buffer alive into which the network was read. */
export function ownBytes(bytes: Uint8Array | readonly Uint8Array[]): Uint8Array {
  const pieces = piecesOf(bytes)
  const [only] = pieces

  return only != null && pieces.length === 1 && only.length === only.buffer.byteLength
    ? only
    : new Uint8Array(Buffer.concat(pieces))
}

/** The pieces that bytes came in; slices that are small against their buffers are copied. */
export function ownPieces(bytes: Uint8Array | readonly Uint8Array[]): readonly Uint8Array[] {
  return piecesOf(bytes).map(piece =>
    2 * piece.length < piece.buffer.byteLength ? new Uint8Array(piece) : piece
  )
}

export function lengthOf(bytes: Uint8Array | readonly Uint8Array[]): number {
  return piecesOf(bytes).reduce((sum, { length }) => sum + length, 0)
}

function piecesOf(bytes: Uint8Array | readonly Uint8Array[]): readonly Uint8Array[] {
  return bytes instanceof Uint8Array ? [bytes] : bytes
}
