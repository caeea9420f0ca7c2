import type { Readable } from 'node:stream'

interface Answer {
  readonly status: number
  readonly body: Readable
}

/**
 * A document that a node serves of itself, unverified.
 *
 * @throws where it has none, or sends more than `maxBytes`
 */
export async function fetchDocument(
  fetch: () => Promise<Answer>,
  maxBytes: number
): Promise<Uint8Array> {
  const { status, body } = await fetch()
  const chunks: Buffer[] = []
  let length = 0

  try {
    if (status !== 200) throw new Error(`the node answered with status ${status}`)

    for await (const chunk of body) {
      const bytes = Buffer.from(chunk)

      length += bytes.length
      if (length > maxBytes) throw new Error('the node sent too much')
      chunks.push(bytes)
    }
  } finally {
    body.destroy()
  }

  return Buffer.concat(chunks)
}
