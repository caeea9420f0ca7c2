import test from 'ava'
import fc from 'fast-check'
import {
  AgreementList,
  CHECK_TIMEOUT,
  DROPPED_FOR,
  LIAR_DROPPED_FOR,
  MAX_AGREEMENTS,
  MAX_IN_NETWORK,
  MAX_STRANGERS,
  MAX_TTL,
  MAX_UNCHECKED,
  MIN_TTL,
  PROOF_INTERVAL,
  type Offer,
  type Standing
} from '../../../overlay/agreements/index.ts'
import { parseFullAddress } from '../../../identity/index.ts'
import { fullAddress } from '../../helpers/agreements.ts'

const NOW = 1_000_000
const DAY = 86_400_000
const ROOT = 'bafyroot'

function offerOf(number: number, more: Partial<Offer> = {}): Offer {
  const id = fullAddress(number)

  return {
    id,
    node: parseFullAddress(id),
    uris: [`https://10.0.0.1:${number}/site/`],
    prefix: '/',
    ttl: DAY,
    quota: 1000,
    trust: 0,
    ...more
  }
}

function standing(more: Partial<Standing> = {}): Standing {
  return {
    uris: ['https://10.0.0.1/site/'],
    seq: 1,
    root: ROOT,
    bytes: 100,
    quota: 1000,
    served: 0,
    expires: NOW + DAY,
    ...more
  }
}

const GOOD = { at: NOW, isGood: true, differs: false, ranges: 4 }

/** Offered, asked and compared. */
function list(list_: AgreementList, offer: Offer, now = NOW): void {
  list_.offer(offer, now)
  list_.prove(offer.id, standing({ uris: offer.uris }), now)
  list_.judge(offer.id, ROOT, { ...GOOD, at: now })
}

test('an offer is told to nobody before the mirror says so itself and what it has is what was signed (C8, C10)', t => {
  const agreements = new AgreementList()
  const offer = offerOf(1)

  t.deepEqual(agreements.offer(offer, NOW), {
    kind: 'accepted',
    state: 'offered',
    ttl: DAY,
    isDue: true
  })
  t.deepEqual(agreements.listed(ROOT), [])

  agreements.prove(offer.id, standing(), NOW)
  t.is(agreements.get(offer.id)?.state, 'checking')
  t.deepEqual(agreements.listed(ROOT), [])

  agreements.judge(offer.id, ROOT, GOOD)

  const [mirror] = agreements.listed(ROOT)

  t.is(mirror?.id, offer.id)
  t.is(mirror?.priority, 1)
  t.true(mirror?.isCurrent)
})

test('an offer that nobody proves is forgotten after two minutes', t => {
  const agreements = new AgreementList()

  agreements.offer(offerOf(1), NOW)
  agreements.expire(NOW + CHECK_TIMEOUT - 1)
  t.is(agreements.all.length, 1)
  agreements.expire(NOW + CHECK_TIMEOUT)
  t.is(agreements.all.length, 0)
})

test('an agreement that is not renewed ends with its time, and one that is goes on', t => {
  const agreements = new AgreementList()
  const [first, second] = [offerOf(1), offerOf(2)]

  list(agreements, first)
  list(agreements, second)
  t.is(agreements.offer(first, NOW + DAY / 2).kind, 'accepted')
  agreements.prove(first.id, standing({ seq: 2, expires: NOW + 2 * DAY }), NOW + DAY / 2)

  const over = agreements.expire(NOW + DAY)

  t.deepEqual(
    over.map(({ id }) => id),
    [second.id]
  )
  t.is(agreements.get(first.id)?.state, 'listed', 'renewal of the same version needs no new check')
})

test('an offer that is replayed renews nothing: the mirror is asked, and older words of it do not count', t => {
  const agreements = new AgreementList()
  const offer = offerOf(1)

  list(agreements, offer)
  agreements.prove(offer.id, standing({ seq: 7, expires: NOW + DAY }), NOW)
  agreements.offer({ ...offer, ttl: MAX_TTL }, NOW + 1)
  t.is(agreements.get(offer.id)?.expires, NOW + DAY)

  agreements.prove(offer.id, standing({ seq: 6, expires: NOW + 9 * DAY }), NOW + 1)
  t.is(agreements.get(offer.id)?.expires, NOW + DAY)
})

test('whoever repeats an offer makes this node ask once in a while only', t => {
  const agreements = new AgreementList()
  const offer = offerOf(1)
  const isDue = (now: number): boolean => {
    const verdict = agreements.offer(offer, now)

    return verdict.kind === 'accepted' && verdict.isDue
  }

  t.true(isDue(NOW))
  agreements.ask(offer.id, NOW)
  t.false(isDue(NOW + PROOF_INTERVAL - 1))
  t.true(isDue(NOW + PROOF_INTERVAL))
})

test('a hint that comes too early is followed a little later', t => {
  const agreements = new AgreementList()
  const offer = offerOf(1)
  const due = (now: number): string[] => agreements.due(ROOT, now).map(({ id }) => id)

  list(agreements, offer)
  agreements.ask(offer.id, NOW)
  t.deepEqual(due(NOW + PROOF_INTERVAL), [])
  agreements.offer(offer, NOW + 1)
  t.deepEqual(due(NOW + 1), [])
  t.deepEqual(due(NOW + PROOF_INTERVAL), [offer.id])
  agreements.ask(offer.id, NOW + PROOF_INTERVAL)
  t.deepEqual(due(NOW + PROOF_INTERVAL * 2), [])

  agreements.expect(offer.id)
  agreements.offer(offer, NOW + PROOF_INTERVAL + 1)
  t.deepEqual(due(NOW + PROOF_INTERVAL + 1), [offer.id])
})

test('a mirror whose bytes differ is dropped at once and refused for a while, a liar for long (C10)', t => {
  const agreements = new AgreementList()
  const [first, liar] = [offerOf(1), offerOf(2)]

  list(agreements, first)
  list(agreements, liar)
  agreements.judge(first.id, ROOT, { ...GOOD, isGood: false, differs: true, reason: 'other bytes' })
  agreements.drop(liar.id, { reason: 'signed other bytes', incident: 'bafyproof' }, NOW)
  t.deepEqual(agreements.listed(ROOT), [])
  t.deepEqual(agreements.offer(first, NOW + 1), { kind: 'refused', reason: 'dropped' })
  t.is(agreements.offer(first, NOW + DROPPED_FOR).kind, 'accepted')
  t.deepEqual(agreements.offer(liar, NOW + DROPPED_FOR), { kind: 'refused', reason: 'dropped' })
  t.is(agreements.get(liar.id)?.incident, 'bafyproof')
  t.is(agreements.offer(liar, NOW + LIAR_DROPPED_FOR).kind, 'accepted')
})

test('a mirror that cannot be reached is not told of, and is told of again when it can', t => {
  const agreements = new AgreementList()
  const offer = offerOf(1)

  list(agreements, offer)
  agreements.judge(offer.id, ROOT, { ...GOOD, isGood: false, reason: 'it does not answer' })
  t.deepEqual(agreements.listed(ROOT), [])
  t.is(agreements.get(offer.id)?.reason, 'it does not answer')
  agreements.judge(offer.id, ROOT, GOOD)
  t.is(agreements.listed(ROOT).length, 1)
})

test('a mirror that has an older version stays listed behind those that have the present one', t => {
  const agreements = new AgreementList()

  list(agreements, offerOf(1, { trust: 3 }))
  list(agreements, offerOf(2))
  agreements.prove(fullAddress(2), standing({ seq: 2, root: 'bafynew' }), NOW)
  agreements.judge(fullAddress(2), 'bafynew', GOOD)

  t.deepEqual(
    agreements.listed('bafynew').map(({ id, isCurrent }) => [id, isCurrent]),
    [
      [fullAddress(2), true],
      [fullAddress(1), false]
    ]
  )
})

test('those whom the owner trusts come first', t => {
  const agreements = new AgreementList()

  list(agreements, offerOf(1))
  list(agreements, offerOf(2, { trust: 2 }))
  list(agreements, offerOf(3, { trust: 3 }))
  t.deepEqual(
    agreements.listed(ROOT).map(({ id }) => id),
    [3, 2, 1].map(fullAddress)
  )
})

test('strangers have so many places, and a friend is never kept out by them', t => {
  const agreements = new AgreementList()

  for (let number = 1; number <= MAX_STRANGERS; number += 1) list(agreements, offerOf(number))
  t.deepEqual(agreements.offer(offerOf(1000), NOW), { kind: 'refused', reason: 'strangers-full' })
  t.is(agreements.offer(offerOf(1001, { trust: 1 }), NOW).kind, 'accepted')
})

test('one network has so many places', t => {
  const agreements = new AgreementList()
  const inNetwork = (number: number, more: Partial<Offer> = {}): Offer =>
    offerOf(number, { uris: [`https://198.51.7.${number}/`], ...more })

  for (let number = 1; number <= MAX_IN_NETWORK; number += 1) {
    list(agreements, inNetwork(number), NOW + number)
  }
  t.deepEqual(agreements.offer(inNetwork(50), NOW), { kind: 'refused', reason: 'network-full' })
  t.is(agreements.offer(offerOf(51, { uris: ['https://198.51.8.1/'] }), NOW).kind, 'accepted')

  const friend = agreements.offer(inNetwork(52, { trust: 2 }), NOW)

  t.is(friend.kind, 'accepted')
  t.is(agreements.get(fullAddress(MAX_IN_NETWORK)), undefined, 'the newest stranger makes room')
})

test('offers that are not checked yet are few, since each costs requests to whoever it names', t => {
  const agreements = new AgreementList()

  for (let number = 1; number <= MAX_UNCHECKED; number += 1) {
    agreements.offer(offerOf(number), NOW)
  }
  t.deepEqual(agreements.offer(offerOf(1000), NOW), { kind: 'refused', reason: 'busy' })
  t.is(agreements.offer(offerOf(1000), NOW + CHECK_TIMEOUT).kind, 'accepted')
})

test('whatever is offered, said and found, bounds hold and only what was compared is listed', t => {
  const step = fc.record({
    what: fc.constantFrom('offer', 'prove', 'good', 'bad', 'away', 'drop', 'withdraw', 'wait'),
    who: fc.integer({ min: 1, max: 400 }),
    trust: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    net: fc.integer({ min: 0, max: 3 })
  })

  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), steps => {
      const agreements = new AgreementList()
      const [proved, compared] = [new Set<string>(), new Set<string>()]
      let now = NOW

      for (const { what, who, trust, net } of steps) {
        const offer = offerOf(who, { trust, uris: [`https://198.51.${net}.${who % 250}/`] })

        now += what === 'wait' ? CHECK_TIMEOUT : 1
        if (what === 'offer') agreements.offer(offer, now)
        if (what === 'prove') {
          agreements.prove(offer.id, standing({ expires: now + DAY }), now)
          proved.add(offer.id)
        }
        if (what === 'good') {
          agreements.judge(offer.id, ROOT, { ...GOOD, at: now })
          compared.add(offer.id)
        }
        if (what === 'bad')
          agreements.judge(offer.id, ROOT, { ...GOOD, isGood: false, differs: true })
        if (what === 'away') agreements.judge(offer.id, ROOT, { ...GOOD, isGood: false })
        if (what === 'drop') agreements.drop(offer.id, { reason: 'x' }, now)
        if (what === 'withdraw') agreements.withdraw(offer.id)
        agreements.expire(now)
      }

      const standingOnes = agreements.all.filter(({ state }) => state !== 'dropped')

      t.true(standingOnes.length <= MAX_AGREEMENTS)
      t.true(standingOnes.filter(one => one.trust === 0).length <= MAX_STRANGERS)
      t.true(agreements.listed(ROOT).every(({ id }) => proved.has(id) && compared.has(id)))
      t.true(agreements.all.every(({ expires }) => expires > now))
    }),
    { numRuns: 200 }
  )
})

test('times that are too short or too long are brought into bounds', t => {
  const agreements = new AgreementList()
  const ttlOf = (number: number, ttl: number): number | undefined => {
    const verdict = agreements.offer(offerOf(number, { ttl }), NOW)

    return verdict.kind === 'accepted' ? verdict.ttl : undefined
  }

  t.is(ttlOf(1, 1), MIN_TTL)
  t.is(ttlOf(2, Number.MAX_SAFE_INTEGER), MAX_TTL)
})

test('a server that the owner names is compared, told of, and never dropped for good', t => {
  const agreements = new AgreementList()
  const uri = 'https://copy.example/site/'

  agreements.name({ uri, prefix: '/' }, NOW)
  t.deepEqual(agreements.listed(ROOT), [])
  t.deepEqual(
    agreements.due(ROOT, NOW).map(({ id }) => id),
    [uri]
  )
  agreements.judge(uri, ROOT, GOOD)
  t.is(agreements.listed(ROOT)[0]?.trust, 3)
  agreements.judge(uri, ROOT, { ...GOOD, isGood: false, differs: true, reason: 'an old copy' })
  t.is(agreements.get(uri)?.state, 'checking')
  t.is(agreements.get(uri)?.reason, 'an old copy')
  agreements.judge(uri, ROOT, GOOD)
  t.is(agreements.listed(ROOT).length, 1)
})

test('what a mirror says of itself does not change who it is', t => {
  const agreements = new AgreementList()
  const first = offerOf(1)

  agreements.offer(first, NOW)

  const more = { ...standing(), node: { uuid: 'another' }, trust: 3 }
  const known = agreements.prove(first.id, more, NOW)

  t.deepEqual(known?.node, first.node)
  t.is(known?.trust, first.trust)
})
