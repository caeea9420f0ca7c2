import { createHash } from 'node:crypto'
import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { FullAddress } from '../../../../identity/index.ts'
import {
  documentTarget,
  MAX_DOCUMENT_BYTES,
  receivedAnswer,
  type DocumentAsked,
  type DocumentSeen
} from '../../../../overlay/audit/index.ts'
import { clientLines } from './client-shape.ts'

// How long a mirror may take for one document, in ms: what a reader gives it for a block.
const WITHIN = 15_000

const ABSENT = [404, 410]

/**
 * Asks a mirror for documents as any HTTP client does, at one of its places, one after the other; stops at the first that does not come.
 * Nothing but what the mirror signs proves anything: the connection is anybody's.
 */
export async function lookAtDocuments(
  place: URL,
  site: FullAddress,
  documents: readonly DocumentAsked[],
  signal: AbortSignal
): Promise<DocumentSeen[]> {
  const all: DocumentSeen[] = []

  for (const document of documents) {
    const within = AbortSignal.any([signal, AbortSignal.timeout(WITHIN)])
    const seen = await lookAtDocument(place, documentTarget(site, document.path), document, within)

    all.push(seen)
    if (seen.seen !== 'sent') break
  }

  return all
}

async function lookAtDocument(
  place: URL,
  target: string,
  { range }: DocumentAsked,
  signal: AbortSignal
): Promise<DocumentSeen> {
  try {
    const answer = await get(place, target, clientLines(place.host, range), signal)
    const { statusCode: status = 0, headers } = answer

    if (status !== 200 && status !== 206) {
      answer.destroy()

      return { seen: ABSENT.includes(status) ? 'absent' : 'failed' }
    }

    const signed = receivedAnswer({
      request: { method: 'GET', target },
      answer: { status, fields: headers }
    })

    return { seen: 'sent', digest: await digestOf(answer), answer: signed }
  } catch {
    return { seen: signal.aborted ? 'stalled' : 'failed' }
  }
}

async function get(
  place: URL,
  target: string,
  lines: readonly string[],
  signal: AbortSignal
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const options = { path: target, headers: lines, agent: false, signal } as const
  // Nodes issue their certificates themselves, and other programs take them as they are.
  const request =
    place.protocol === 'https:'
      ? tlsRequest(place.origin, { ...options, rejectUnauthorized: false }, resolve)
      : plainRequest(place.origin, options, resolve)

  request.once('error', reject)
  request.end()

  return promise
}

/** @throws where more comes than was asked for, or it breaks off */
async function digestOf(answer: IncomingMessage): Promise<Uint8Array> {
  const sum = createHash('sha256')
  let length = 0

  for await (const chunk of answer) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))

    length += bytes.length
    if (length > MAX_DOCUMENT_BYTES) {
      answer.destroy()
      throw new Error('The mirror sends more than it was asked for.')
    }
    sum.update(bytes)
  }

  return new Uint8Array(sum.digest())
}
