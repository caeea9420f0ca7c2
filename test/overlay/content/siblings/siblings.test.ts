import test from 'ava'
import { parseFullAddress } from '../../../../identity/index.ts'
import {
  CacheOffer,
  SiblingLedger,
  siblingsToAsk,
  waitFor
} from '../../../../overlay/content/siblings/index.ts'

const ADDRESS = parseFullAddress('6409808a-1d8c-11e5-a351-00e081b3eee4.abcdefghijklmnopqrstuvwxy2')
const at = (roundTrip: number): { address: typeof ADDRESS; roundTrip: number } => ({
  address: ADDRESS,
  roundTrip
})
const whom = (origin: number | undefined, ...roundTrips: number[]): number[] =>
  siblingsToAsk(
    roundTrips.map(roundTrip => at(roundTrip)),
    origin
  ).map(({ roundTrip }) => roundTrip)

test('the nearest four are asked who are at most half as far as the origin, where that is far (C16)', t => {
  t.deepEqual(whom(100, 60, 1, 50, 9, 3, 2, 51), [1, 2, 3, 9])
  t.deepEqual(whom(100, 51, 99), [])
  t.deepEqual(whom(19, 1), [])
  t.deepEqual(whom(20, 1), [1])
  t.deepEqual(whom(undefined, 300, 5), [5, 300])
})

test('a miss costs the reader half of the way to the origin, and 100 ms at most', t => {
  t.is(waitFor(40), 20)
  t.is(waitFor(1000), 100)
  t.is(waitFor(undefined), 100)
})

test('a sibling that had nothing eight times in a row rests for five minutes, and then one miss is enough', t => {
  const ledger = new SiblingLedger()

  for (let count = 0; count < 7; count += 1) ledger.missed('a', 1000)
  t.false(ledger.isResting('a', 1000))
  ledger.unanswered('a', 1000)
  t.true(ledger.isResting('a', 300_999))
  t.false(ledger.isResting('a', 301_000))
  t.false(ledger.isResting('b', 1000))
  ledger.missed('a', 301_000)
  t.true(ledger.isResting('a', 301_001))
  ledger.hit('a')
  t.false(ledger.isResting('a', 301_001))
  t.like(ledger.counts, { hits: 1, misses: 8, unanswered: 1 })
})

test('an offer ends with its time or with its quota, whichever comes first (C4)', t => {
  const offer = new CacheOffer({ until: 1000, quota: 10 })

  t.true(offer.isOpen(999))
  t.false(offer.isOpen(1000))
  t.true(offer.take(6, 0))
  t.false(offer.take(5, 0))
  t.true(offer.isOpen(0))
  t.true(offer.take(4, 0))
  t.false(offer.isOpen(0))
  t.is(offer.sent, 10)
  t.false(new CacheOffer({ until: Infinity, quota: Infinity }).take(1, Infinity))
})
