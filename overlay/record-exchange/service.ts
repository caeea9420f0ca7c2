import type { AbortOptions, Connection, Stream } from '@libp2p/interface'
import { MAX_NODE_RECORD_BYTES } from '../../discovery/index.ts'
import { asError } from '../../identity/index.ts'

/** A peer asked on this protocol sends its own signed node record and ends the stream; nothing else passes. */
export const RECORD_PROTOCOL = '/plexnet/record/1.0.0'

/** How long an answer may take to be sent, in ms. */
const ANSWER_TIMEOUT = 5000

/** Sends the node's own record, or nothing while there is none. */
export async function answerRecord(stream: Stream, record: Uint8Array | undefined): Promise<void> {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT)

  try {
    // Whoever asks has nothing to say; what it sends all the same is not kept.
    await stream.closeRead({ signal })
    if (record != null) stream.send(record)
    await stream.close({ signal })
  } catch (error) {
    stream.abort(asError(error))
  }
}

/** The bytes that a peer sends as its record: unverified, at most as many as a record may have. */
export async function requestRecord(
  connection: Connection,
  options: AbortOptions = {}
): Promise<Uint8Array> {
  const stream = await connection.newStream(RECORD_PROTOCOL, options)

  try {
    const record = await readAll(stream, options)

    await stream.close(options)

    return record
  } catch (error) {
    stream.abort(asError(error))
    throw error
  }
}

/** libp2p's own iterator waits for ever where the peer has sent and closed before it is asked for. */
async function readAll(stream: Stream, { signal }: AbortOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let length = 0
  const onAbort = (): void => reject(new Error('The peer did not send its record in time.'))
  const onEnd = (): void => {
    if (stream.status === 'reset') reject(new Error('The peer broke off its answer.'))
    else if (length === 0) reject(new Error('The peer has no record of itself.'))
    else resolve()
  }

  stream.addEventListener('message', ({ data }) => {
    length += data.byteLength

    if (length > MAX_NODE_RECORD_BYTES) {
      reject(new Error(`The peer sends more than ${MAX_NODE_RECORD_BYTES} bytes.`))
    } else {
      chunks.push(data.subarray())
    }
  })
  stream.addEventListener('end', onEnd)
  signal?.addEventListener('abort', onAbort)

  // What happened before anybody listened is not told again, and an end that came together with the
  // answer to the protocol's name is told before the bytes in front of it: they follow in a microtask.
  if (stream.readableEnded) queueMicrotask(onEnd)
  if (signal?.aborted === true) onAbort()

  try {
    await promise
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }

  return Buffer.concat(chunks)
}
