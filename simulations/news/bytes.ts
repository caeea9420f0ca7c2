/** What goes over the wire in place of news: their number. */
export function bytesOf(number: number): Uint8Array {
  const bytes = new Uint8Array(4)

  new DataView(bytes.buffer).setUint32(0, number)

  return bytes
}

/** The number in such bytes. */
export function newsNumber(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
