import { SourceError } from '../errors.ts'

/** What an HTTP client got, before the body; the names of fields are in lower case. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Leaving the iteration ends the exchange. */
  readonly body: AsyncIterable<Uint8Array>
}

/** Statuses with which a server says that it does not have a thing, or not for us. */
const ABSENT = new Set([401, 403, 404, 410, 451])

/** Statuses that may pass. */
const PASSING = new Set([408, 421, 425])

/** With these a server under load sends its readers to others; the redirection is not followed, since the others are asked anyway. */
const BUSY = new Set([307, 429, 503])

/** When one that does not say it is asked again, and the most and least that it can say, in ms. */
const RETRY_AFTER = 5000
const LONGEST_RETRY_AFTER = 30_000
const LEAST_RETRY_AFTER = 500

/**
 * Throws unless the answer has the bytes `start` to before `end` of a file of `size`, or of its beginning, where the whole file
 * was sent and the range begins there.
 *
 * @throws {SourceError}
 */
export function checkRangeAnswer(
  answer: HttpAnswer,
  { start, end, size }: { start: number; end: number; size: number }
): void {
  const { status, headers } = answer

  if (status !== 206 && status !== 200) throw refusal(answer)
  checkCoding(headers)

  if (status === 200) checkWhole(headers, start, size)
  else checkContentRange(String(headers['content-range'] ?? ''), { start, end, size })
}

/**
 * Throws unless the answer has a block.
 *
 * @throws {SourceError}
 */
export function checkBlockAnswer(answer: HttpAnswer, maxBytes: number): void {
  const { status, headers } = answer

  if (status !== 200) throw refusal(answer)
  checkCoding(headers)

  if (Number(headers['content-length'] ?? 0) > maxBytes) {
    throw new SourceError(
      'wrong',
      `announced ${String(headers['content-length'])} bytes for a block`
    )
  }
}

/** Whether a refusal only says that the thing is not there. */
export function isAbsent(status: number): boolean {
  return ABSENT.has(status)
}

function refusal({ status, headers }: HttpAnswer): SourceError {
  if (isAbsent(status)) return new SourceError('absent', `does not have it (status ${status})`)

  if (BUSY.has(status)) {
    return new SourceError('failed', `is busy (status ${status})`, {
      retryAfter: retryAfterOf(headers)
    })
  }

  return status >= 500 || PASSING.has(status)
    ? new SourceError('failed', `answered with status ${status}`)
    : new SourceError('wrong', `answered with status ${status}, which is none for this request`)
}

/** Of a date nothing is known but that it is no number of seconds. */
function retryAfterOf(headers: HttpAnswer['headers']): number {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)

  return Number.isNaN(seconds)
    ? RETRY_AFTER
    : Math.min(LONGEST_RETRY_AFTER, Math.max(LEAST_RETRY_AFTER, seconds * 1000))
}

// Asked for with `Accept-Encoding: identity`, and never decoded: a small coded body can be endless.
function checkCoding(headers: HttpAnswer['headers']): void {
  const coding = String(headers['content-encoding'] ?? 'identity').toLowerCase()

  if (coding !== 'identity') throw new SourceError('wrong', `sent ${coding} instead of the bytes`)
}

function checkWhole(headers: HttpAnswer['headers'], start: number, size: number): void {
  const length = headers['content-length']

  if (length != null && Number(length) !== size) {
    throw new SourceError('wrong', `has a file of ${String(length)} instead of ${size} bytes`)
  }
  if (start > 0) throw new SourceError('absent', 'does not answer ranges')
}

function checkContentRange(
  field: string,
  { start, end, size }: { start: number; end: number; size: number }
): void {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(field)

  if (match == null) {
    throw new SourceError('wrong', 'sent another kind of range than one of bytes')
  }

  const [, first, last, total] = match

  if (Number(first) !== start || Number(last) !== end - 1) {
    throw new SourceError('wrong', `sent the range ${field} instead of ${start}-${end - 1}`)
  }
  if (total !== '*' && Number(total) !== size) {
    throw new SourceError('wrong', `has a file of ${total} instead of ${size} bytes`)
  }
}
