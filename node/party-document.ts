import type { Readable } from 'node:stream'
import { MAX_TRUST_DOCUMENT_BYTES } from '../identity/trust/index.ts'

interface Answer {
  readonly status: number
  readonly body: Readable
}

/**
 * The statements that a node serves, unverified.
 *
 * @throws where it has none, or sends more than may be
 */
export async function fetchTrustDocument(
  fetch: (path: string) => Promise<Answer>
): Promise<Uint8Array> {
  const { status, body } = await fetch('/.well-known/plexnet/trust')
  const chunks: Buffer[] = []
  let length = 0

  try {
    if (status !== 200) throw new Error(`the node answered with status ${status}`)

    for await (const chunk of body) {
      const bytes = Buffer.from(chunk)

      length += bytes.length
      if (length > MAX_TRUST_DOCUMENT_BYTES) throw new Error('the node sent too much')
      chunks.push(bytes)
    }
  } finally {
    body.destroy()
  }

  return Buffer.concat(chunks)
}
