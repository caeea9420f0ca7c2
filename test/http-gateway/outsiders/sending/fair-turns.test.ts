import test from 'ava'
import { FairTurns } from '../../../../http-gateway/outsiders/sending/fair-turns.ts'
import { ByteBucket } from '../../../../overlay/mirrors/pace/byte-bucket.ts'

const PIECE = 1000

test('connections that always have more to send get the same, and all together the rate', t => {
  const turns = new FairTurns<string>(new ByteBucket(10_000, PIECE, 0))
  const sent = new Map(['a', 'b', 'c'].map(key => [key, 0]))

  for (const key of sent.keys()) turns.ask(key, PIECE)

  for (let now = 0; now <= 60_000; now += 50) {
    for (const key of turns.next(now)) {
      sent.set(key, (sent.get(key) ?? 0) + PIECE)
      turns.ask(key, PIECE)
    }
  }

  const counts = [...sent.values()]

  t.true(Math.max(...counts) - Math.min(...counts) <= PIECE)
  t.is(
    counts.reduce((a, b) => a + b, 0),
    601_000
  )
})

test('a page is sent between the pieces of films, not behind them', t => {
  const turns = new FairTurns<string>(new ByteBucket(10_000, PIECE, 0))

  for (const key of turns.next(0)) turns.ask(key, PIECE)
  turns.ask('film', PIECE)
  t.deepEqual([...turns.next(0)], ['film'])
  turns.ask('film', PIECE)
  turns.ask('page', 100)
  t.deepEqual([...turns.next(100)], ['film'])
  turns.ask('film', PIECE)
  t.deepEqual([...turns.next(110)], ['page'])
})

test('how long a new piece has to wait is what waits before it, and nothing where nobody waits', t => {
  const turns = new FairTurns<string>(new ByteBucket(1000, PIECE, 0))

  t.is(turns.delay(0), 0)
  turns.ask('a', PIECE)
  turns.ask('b', PIECE)
  turns.ask('c', PIECE)
  t.deepEqual([...turns.next(0)], ['a'])
  t.is(turns.waitFor(0), 1000)
  t.is(turns.delay(0), 2000)
  turns.leave('c')
  t.is(turns.delay(700), 300)
  t.deepEqual([...turns.next(1000)], ['b'])
  t.is(turns.delay(1000), 0)
  t.is(turns.waitFor(1000), undefined)
})

test('who leaves is not waited for', t => {
  const turns = new FairTurns<string>(new ByteBucket(1000, PIECE, 0))

  turns.ask('a', PIECE)
  turns.leave('a')
  turns.ask('b', PIECE)
  t.deepEqual([...turns.next(0)], ['b'])
})
