import type { HttpGet } from '../../../overlay/content/fetch/index.ts'
import {
  MAX_SITE_RECORD_BYTES,
  type PublisherAnswer,
  type PublisherLink
} from '../../../overlay/content/index.ts'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'

// Pages that tell of an error have a few KiB.
const MAX_REFUSAL = 65_536

const PATH = '/.well-known/plexnet/site'

/** The publisher as it is asked for its site record by HTTP. */
export function publisherLink(getterFor: (address: FullAddress) => HttpGet): PublisherLink {
  return {
    ask: async (address, known, { signal = new AbortController().signal }) => {
      const headers = known === undefined ? {} : { 'if-none-match': `"${known}"` }
      const { status, body } = await getterFor(address)(PATH, headers, signal)

      if (status === 200) {
        return { kind: 'record', bytes: await readRecordBody(body) }
      }

      await readOver(body)

      return answerWithout(status)
    }
  }
}

/**
 * The site record that a server has below a folder, unverified.
 *
 * @throws where it has none
 */
export async function readRecord(get: HttpGet, folder: string): Promise<Uint8Array> {
  const { signal } = new AbortController()

  return readRecordAt(get, folder + PATH.slice(1), signal)
}

/**
 * The site record of another node that a mirror has, unverified.
 *
 * @throws where it has none
 */
export async function readMirroredRecord(
  get: HttpGet,
  address: FullAddress,
  signal: AbortSignal
): Promise<Uint8Array> {
  return readRecordAt(get, `${PATH}/${formatAddress(address)}`, signal)
}

async function readRecordAt(get: HttpGet, path: string, signal: AbortSignal): Promise<Uint8Array> {
  const { status, body } = await get(path, {}, signal)

  if (status === 200) {
    return readRecordBody(body)
  }

  await readOver(body)

  throw new Error(`There is no site record at ${path}.`)
}

function answerWithout(status: number): PublisherAnswer {
  if (status === 304 || status === 404) {
    return { kind: status === 304 ? 'same' : 'none' }
  }

  throw new Error(`The publisher answers the question for its site record with ${status}.`)
}

/** One that is longer than any record may be is left. */
async function readRecordBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0

  for await (const chunk of body) {
    length += chunk.length

    if (length > MAX_SITE_RECORD_BYTES) {
      throw new Error(
        `A site record has at most ${MAX_SITE_RECORD_BYTES} bytes, and this is longer.`
      )
    }

    chunks.push(chunk)
  }

  return Buffer.concat(chunks)
}

/** So that the connection can be used again. */
async function readOver(body: AsyncIterable<Uint8Array>): Promise<void> {
  let length = 0

  for await (const chunk of body) {
    length += chunk.length

    if (length > MAX_REFUSAL) {
      return
    }
  }
}
