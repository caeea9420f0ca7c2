import type { Pace } from './pace.ts'
import type { Request } from './request.ts'

/** The shortest time that tells a pace, in ms. */
const MEASURED_WHILE = 40

/** And where a request ends sooner, in ms: the line's pace shows in what follows the first bytes, without the way there and back. */
const MEASURED_AT_END = 10

/** A source that had nothing to say for this long when another overtook it rests for a while, in ms. */
const SILENT_FOR = 50

/** From this size on a single block, or a whole short request, tells the pace of a source rather than its latency. */
const LARGE_BLOCK_BYTES = 64 << 10

/** Bytes of a range came. */
export function noteBytes(request: Request, pace: Pace, bytes: number, now: number): void {
  if (request.begunAt == null) {
    pace.began(now - request.startedAt)
    request.begunAt = now
    // What came first came in no time; the pace is that of what follows.
    request.countedAt = now
  } else {
    request.counted += bytes
  }
  request.partial += bytes
  request.progressAt = now
}

/** The request begins or ceases to wait for the reader: what piles up in buffers meanwhile says nothing about the source. */
export function notePause(request: Request, isPaused: boolean, now: number): void {
  request.isPaused = isPaused
  request.progressAt = now
  request.blockAt = now
  request.counted = 0
  request.countedAt = now
}

/** A block came that was right; `request.next` is the one behind it. */
export function noteBlock(request: Request, pace: Pace, bytes: number, now: number): void {
  request.partial = 0
  request.blockAt = now
  request.received += bytes
  pace.succeeded()
  if (request.by === 'range') measureRange(request, pace, now)
  // Of a single block only its end is heard.
  else if (bytes < LARGE_BLOCK_BYTES) pace.began(now - request.startedAt)
  else pace.deliveredBlock(bytes, request.startedAt, now)
}

/** Another source was asked for the same, and was quicker; `asked` is what all requests of this one wait for, in bytes. */
export function noteLateness(request: Request, pace: Pace, asked: number, now: number): void {
  const duration = now - request.startedAt

  // Of a single block nobody knows how much of it came.
  if (request.by === 'block') pace.isSlowerThan(asked, duration)
  else if (duration >= MEASURED_WHILE) pace.delivered(request.received + request.partial, duration)
  if (now - request.progressAt >= Math.max(SILENT_FOR, patienceWith(request, pace, asked)))
    pace.failed(now)
}

/** How long it may be silent, in ms: until its first byte, and a block that is asked for by itself until its last. */
export function patienceWith({ by }: Request, pace: Pace, asked: number): number {
  return by === 'block' && pace.rate != null ? pace.patience + asked / pace.rate : pace.patience
}

/** A burst out of a buffer says little: only what took a while counts, or a request as a whole. */
function measureRange(request: Request, pace: Pace, now: number): void {
  const duration = now - request.countedAt
  const isOver = request.next >= request.to && !request.isMeasured

  if (duration >= (isOver ? MEASURED_AT_END : MEASURED_WHILE) && request.counted > 0) {
    pace.delivered(request.counted, duration)
    request.counted = 0
    request.countedAt = now
    request.isMeasured = true
  } else if (isOver && request.received >= LARGE_BLOCK_BYTES) {
    pace.delivered(request.received, now - request.startedAt)
  }
}
