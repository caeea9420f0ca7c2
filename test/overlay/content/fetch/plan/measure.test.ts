import test from 'ava'
import { noteBlock, noteBytes } from '../../../../../overlay/content/fetch/plan/measure.ts'
import { Pace } from '../../../../../overlay/content/fetch/plan/pace.ts'
import type { Request } from '../../../../../overlay/content/fetch/plan/request.ts'

/** A range of one block that arrives in one piece, after so many ms. */
function receive(pace: Pace, bytes: number, after: number): void {
  const request: Request = {
    id: 0,
    source: 'a',
    by: 'range',
    from: 0,
    to: 1,
    next: 0,
    isHedge: false,
    startedAt: 0,
    begunAt: undefined,
    progressAt: 0,
    blockAt: 0,
    partial: 0,
    counted: 0,
    countedAt: 0,
    received: 0,
    isMeasured: false,
    isPaused: false
  }

  noteBytes(request, pace, bytes, after)
  request.next = 1
  noteBlock(request, pace, bytes, after)
}

test('a small file tells how long a source takes to its first byte, and not how much it can send', t => {
  const pace = new Pace()

  receive(pace, 1000, 35)

  t.is(pace.latency, 35)
  t.is(pace.rate, undefined)
})

test('a whole block in one piece tells how much a source can send', t => {
  const pace = new Pace()

  receive(pace, 262_144, 35)

  t.is(pace.latency, 35)
  t.is(pace.rate, 262_144 / 35)
})
