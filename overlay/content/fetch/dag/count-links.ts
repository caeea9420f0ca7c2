const LINKS_TAG = 0x12
const DATA_TAG = 0x0a

/** How many links a dag-pb block has, counted without decoding them; what is not dag-pb has as many as were seen before that showed. */
export function countLinks(bytes: Uint8Array): number {
  let links = 0
  let at = 0

  while (at < bytes.length) {
    const tag = bytes[at]

    if (tag !== LINKS_TAG && tag !== DATA_TAG) break
    if (tag === LINKS_TAG) links += 1

    let length = 0
    let factor = 1

    for (at += 1; ; factor *= 128) {
      const byte = bytes[at] ?? 0

      at += 1
      length += (byte & 0x7f) * factor
      if (byte < 0x80) break
    }
    at += length
  }

  return links
}
