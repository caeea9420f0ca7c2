import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FetchedResource } from '../http-gateway/control/index.ts'
import { hasCode } from './error-code.ts'
import { TruncatedError } from './errors.ts'

/** The number of bytes that came. @throws TruncatedError where they are not all that were announced */
export async function transfer(
  { body, headers }: FetchedResource,
  name: string,
  destination: NodeJS.WritableStream
): Promise<number> {
  const length = headers['content-length']
  const announced = typeof length === 'string' ? Number(length) : undefined
  const counter = new ByteCounter()

  try {
    await pipeline(body, counter, destination, { end: destination !== process.stdout })
  } catch (cause) {
    throw isCut(cause) ? new TruncatedError(name, counter.bytes, announced, { cause }) : cause
  }
  if (announced != null && counter.bytes !== announced) {
    throw new TruncatedError(name, counter.bytes, announced)
  }

  return counter.bytes
}

/** What Node calls an answer whose connection ends before it does. */
function isCut(cause: unknown): boolean {
  return hasCode(cause, 'ECONNRESET') || hasCode(cause, 'ERR_STREAM_PREMATURE_CLOSE')
}

class ByteCounter extends Transform {
  bytes = 0

  override _transform(
    chunk: Buffer,
    _: BufferEncoding,
    done: (error: null, chunk: Buffer) => void
  ): void {
    this.bytes += chunk.length
    done(null, chunk)
  }
}

export async function writeToStandardOutput(
  resource: FetchedResource,
  name: string
): Promise<void> {
  try {
    await transfer(resource, name, process.stdout)
  } catch (error) {
    // The reader has seen enough, as in `plexnet get … | head`.
    if (!hasCode(error, 'EPIPE')) {
      throw error
    }
  }
}
