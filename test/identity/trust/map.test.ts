import test from 'ava'
import {
  MAX_STATEMENTS_OF_ONE,
  TrustMap,
  type TrustMapOptions
} from '../../../identity/trust/map.ts'
import type { TrustStatement } from '../../../identity/trust/statement.ts'
import { addressFingerprint, formatAddress, parseUuid } from '../../../identity/index.ts'
import type { FullAddress } from '../../../identity/index.ts'

const NOW = 1_800_000_000_000
const YEAR = 365 * 24 * 3_600_000

function party(number: number): FullAddress {
  const keyHash = new Uint8Array(32)

  new DataView(keyHash.buffer).setUint32(0, number)

  return {
    uuid: parseUuid(`${number.toString(16).padStart(8, '0')}-0000-1000-8000-000000000000`),
    fp: addressFingerprint(keyHash)
  }
}

const me = party(0)

function says(
  issuer: number,
  subject: number,
  changes: Partial<TrustStatement> = {}
): TrustStatement {
  return {
    issuer: party(issuer),
    subject: party(subject),
    domain: 'identify',
    level: 1,
    seq: 1,
    issued: NOW,
    expires: NOW + YEAR,
    ...changes
  }
}

function newMap(options: Partial<TrustMapOptions> = {}): TrustMap {
  return new TrustMap({ self: me, salt: 'salt', ...options })
}

test('whom one trusts is accepted at the level that one gave, in that domain alone', t => {
  const map = newMap()

  map.add([says(0, 1, { level: 2 })], NOW)

  t.is(map.level('identify', party(1)), 2)
  t.is(map.level('mirror', party(1)), 0)
  t.is(map.level('identify', party(2)), 0)
})

test('those who are accepted are told once each, whatever the domain, and without oneself', t => {
  const map = newMap()

  map.add([says(0, 1), says(0, 1, { domain: 'mirror' }), says(0, 2, { domain: 'mirror' })], NOW)
  map.add([says(1, 3), says(1, 0)], NOW)

  t.deepEqual(
    [...map.accepted()].toSorted(),
    [1, 2, 3].map(number => formatAddress(party(number)))
  )
})

test('oneself is at level 3', t => {
  t.is(newMap().level('relay', me), 3)
})

test('what strangers say is not kept', t => {
  const map = newMap()

  t.deepEqual(map.add([says(5, 6), says(6, 5)], NOW), ['stranger', 'stranger'])
  t.is(map.size, 0)
})

test('a batch cannot vouch for itself', t => {
  const map = newMap()

  map.add([says(0, 1)], NOW)

  t.deepEqual(map.add([says(1, 2), says(2, 3)], NOW), ['added', 'stranger'])
  t.deepEqual(map.add([says(2, 3)], NOW), ['added'])
})

test('a statement that is taken back takes along what hung on it', t => {
  const map = newMap()

  map.add([says(0, 1)], NOW)
  map.add([says(1, 2)], NOW)
  map.add([says(2, 3)], NOW)
  map.add([says(0, 1, { level: 0, seq: 2 })], NOW)

  t.is(map.level('identify', party(3)), 0)
  t.is(map.prune(NOW).length, 2)
  t.is(map.size, 1)
})

test('an older statement that comes again changes nothing', t => {
  const map = newMap()
  const old = says(0, 1)

  map.add([old], NOW)
  map.add([says(0, 1, { level: 0, seq: 2 })], NOW)

  t.deepEqual(map.add([old], NOW), ['older'])
  t.is(map.level('identify', party(1)), 0)
})

test('what has expired counts no more', t => {
  const map = newMap()

  map.add([says(0, 1, { expires: NOW + 10 }), says(0, 2)], NOW)

  t.deepEqual(map.add([says(0, 3, { expires: NOW })], NOW), ['expired'])
  t.is(map.prune(NOW + 10).length, 1)
  t.is(map.level('identify', party(1)), 0)
  t.is(map.level('identify', party(2)), 1)
})

test('one issuer has room for so many statements; one’s own are never refused', t => {
  const map = newMap()

  map.add([says(0, 1)], NOW)

  const many = (issuer: number): TrustStatement[] =>
    Array.from({ length: MAX_STATEMENTS_OF_ONE + 5 }, (_, index) => says(issuer, 10 + index))
  const kinds = map.add(many(1), NOW)

  t.is(kinds.filter(kind => kind === 'too-many').length, 5)
  t.true(map.add(many(0), NOW).every(kind => kind === 'added'))
})

test('a claim counts as vouched for by two paths that share nobody, or by oneself', t => {
  const map = newMap()

  map.add([says(0, 1), says(0, 2)], NOW)
  map.add([says(1, 7), says(1, 8)], NOW)

  t.is(map.vouch('identify', party(7)), undefined)

  map.add([says(2, 7)], NOW)

  const vouch = map.vouch('identify', party(7))
  const names = (numbers: number[]): string[] => numbers.map(each => formatAddress(party(each)))

  t.false(vouch?.isOwn)
  t.deepEqual(
    new Set(vouch?.paths.map(path => path.join(' '))),
    new Set([names([0, 1, 7]).join(' '), names([0, 2, 7]).join(' ')])
  )

  map.add([says(0, 8)], NOW)
  t.true(map.vouch('identify', party(8))?.isOwn)
  t.is(map.vouch('identify', me), undefined)
})

test('a thousand false identities behind one confused friend are no second path', t => {
  const map = newMap()
  const army = Array.from({ length: 1000 }, (_, index) => 100 + index)

  map.add([says(0, 1), says(0, 2)], NOW)
  map.add(
    army.slice(0, MAX_STATEMENTS_OF_ONE).map(each => says(1, each)),
    NOW
  )
  map.add(
    army.map(each => says(each, 99)),
    NOW
  )

  t.is(map.vouch('identify', party(99)), undefined)
  // The friend at distance 1 has capacity 50: 49 of them get in.
  t.is(army.filter(each => map.level('identify', party(each)) > 0).length, 49)
})

test('what a map held is restored in any order', t => {
  const map = newMap()

  map.add([says(0, 1)], NOW)
  map.add([says(1, 2)], NOW)
  map.add([says(2, 3)], NOW)

  const again = newMap()
  const gone = again.restore([...map.statements()].toReversed(), NOW)

  t.deepEqual(gone, [])
  t.is(again.level('identify', party(3)), 1)
})

test('a friend who turns loses its place in the ranking by what was seen of it', t => {
  const map = newMap()

  map.add([says(0, 1), says(0, 2)], NOW)

  const ranking = map.ranking('identify', 1, name => (name === formatAddress(party(1)) ? 0.1 : 1))

  t.deepEqual(
    ranking.map(({ party: name }) => name),
    [formatAddress(party(2)), formatAddress(party(1))]
  )
})
