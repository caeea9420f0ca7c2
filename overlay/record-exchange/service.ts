import type { AbortOptions, Connection, Stream } from '@libp2p/interface'
import { MAX_NODE_RECORD_BYTES } from '../../discovery/index.ts'

/** A peer asked on this protocol sends its own signed node record and ends the stream; nothing else passes. */
export const RECORD_PROTOCOL = '/plexnet/record/1.0.0'

/** How long an answer may take to be sent, in ms. */
const ANSWER_TIMEOUT = 5000

/** Sends the node's own record, or nothing while there is none. */
export async function answerRecord(stream: Stream, record: Uint8Array | undefined): Promise<void> {
  try {
    if (record != null) stream.send(record)
    await stream.close({ signal: AbortSignal.timeout(ANSWER_TIMEOUT) })
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
  }
}

/** The bytes that a peer sends as its record: unverified, at most as many as a record may have. */
export async function requestRecord(
  connection: Connection,
  options: AbortOptions = {}
): Promise<Uint8Array> {
  const stream = await connection.newStream(RECORD_PROTOCOL, options)
  const onAbort = (): void => stream.abort(new Error('The peer did not send its record in time.'))

  options.signal?.addEventListener('abort', onAbort, { once: true })

  try {
    return await readAll(stream)
  } finally {
    options.signal?.removeEventListener('abort', onAbort)
    await stream.close().catch((error: unknown) => {
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    })
  }
}

/** libp2p's own iterator waits for ever where the peer has sent and closed before it is asked for. */
async function readAll(stream: Stream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const ended = Promise.withResolvers<void>()
  let length = 0

  stream.addEventListener('end', () => ended.resolve())
  stream.addEventListener('close', ({ error }) => {
    if (error != null) ended.reject(error)
  })
  stream.addEventListener('message', ({ data }) => {
    length += data.byteLength

    if (length > MAX_NODE_RECORD_BYTES) {
      stream.abort(new Error(`The peer sends more than ${MAX_NODE_RECORD_BYTES} bytes.`))
    } else {
      chunks.push(data.subarray())
    }
  })
  if (stream.readableEnded) ended.resolve()

  await ended.promise

  if (length === 0) throw new Error('The peer has no record of itself.')

  return Buffer.concat(chunks)
}
