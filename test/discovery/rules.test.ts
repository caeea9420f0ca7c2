import test from 'ava'
import fc from 'fast-check'
import { backoffDelay } from '../../discovery/backoff.ts'
import { diverseSample, SAMPLE_PER_NETWORK } from '../../discovery/diverse-sample.ts'
import {
  FRESH_FOR,
  freshnessOf,
  REFRESH_AFTER,
  STALE_FOR,
  type Freshness
} from '../../discovery/freshness.ts'
import { firstSuccess } from '../../discovery/join/first-success.ts'
import { isPrivateAddress, networkOf } from '../../discovery/network-prefix.ts'
import { isSameReachability, withinRecord } from '../../discovery/publish/reachability.ts'
import { nextAnnouncement } from '../../discovery/publish/schedule.ts'
import { newPerson } from '../helpers/identities.ts'
import { bodyOf } from '../helpers/records.ts'

const MINUTE = 60_000
const alice = await newPerson()

const NETWORKS: [endpoints: string[], network: string | undefined][] = [
  [[], undefined],
  [['https://203.0.113.7:9010'], '203.0'],
  [['https://127.0.0.1:9010', 'https://203.0.113.7:9010'], '203.0'],
  [['https://[2001:db8:1::1]:9010'], '2001:db8'],
  [['https://[2001::1]:9010'], '2001:0'],
  [['https://[2001:0:1::1]:9010'], '2001:0'],
  [['https://[::1]:9010', 'https://[fd00::1]:9010', 'https://[fe80::1]:9010'], undefined],
  [['https://10.1.2.3', 'https://172.31.0.1', 'https://192.168.1.1'], undefined],
  [['https://172.32.0.1'], '172.32'],
  [['https://100.64.0.1', 'https://169.254.1.1'], undefined],
  [['https://seed.example:9010'], undefined],
  [['rubbish'], undefined]
]

for (const [endpoints, network] of NETWORKS) {
  test(`[${endpoints.join(', ')}] lies in ${network ?? 'no network that counts'}`, t => {
    t.is(networkOf(endpoints), network)
  })
}

test('public addresses are not private', t => {
  t.deepEqual(['8.8.8.8', '2001:db8::1', '100.128.0.1', '172.15.0.1'].filter(isPrivateAddress), [])
})

test('a sample has few nodes of one network, and never more than were asked for', t => {
  const node = fc.record({
    endpoints: fc.array(
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.nat(255))
        .map(([a, b]) => `https://203.${a}.0.${b}`),
      { maxLength: 2 }
    )
  })

  fc.assert(
    fc.property(
      fc.array(node),
      fc.nat(30),
      fc.infiniteStream(fc.double({ min: 0, max: 0.99, noNaN: true })),
      (nodes, size, chance) => {
        const sample = diverseSample(nodes, size, () => chance.next().value)
        const counts = Map.groupBy(
          sample.filter(({ endpoints }) => endpoints.length > 0),
          ({ endpoints }) => networkOf(endpoints)
        )

        return (
          sample.length <= size &&
          new Set(sample).size === sample.length &&
          sample.every(item => nodes.includes(item)) &&
          [...counts.values()].every(({ length }) => length <= SAMPLE_PER_NETWORK)
        )
      }
    )
  )
  t.pass()
})

test('nodes on private addresses are no evidence of one operator', t => {
  const nodes = Array.from({ length: 10 }, (_, index) => ({
    endpoints: [`https://10.0.0.${index}`]
  }))

  t.is(diverseSample(nodes, 20, () => 0.5).length, 10)
})

test('waiting grows from half a second and never exceeds five minutes', t => {
  t.is(backoffDelay(1, 0), 500)
  t.is(backoffDelay(1, 0.999), 1000)
  t.is(backoffDelay(2, 0), 1000)
  t.is(backoffDelay(1_000_000, 0.999), 299_850)
  fc.assert(
    fc.property(
      fc.integer({ min: 1 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, chance) => {
        const delay = backoffDelay(attempt, chance)

        return delay >= 500 && delay <= 300_000
      }
    )
  )
})

const AGES: [name: string, learnt: number, expires: number, expected: Freshness][] = [
  ['just learnt', 0, 60 * MINUTE, 'fresh'],
  ['before it is refreshed', REFRESH_AFTER - 1, 60 * MINUTE, 'fresh'],
  ['to be refreshed', REFRESH_AFTER, 60 * MINUTE, 'refresh-ahead'],
  ['at the end of its freshness', FRESH_FOR, 60 * MINUTE, 'outdated'],
  ['learnt by a clock that was ahead', -1, 60 * MINUTE, 'outdated'],
  ['expired', 0, 0, 'stale-only'],
  ['expired for long', 0, -STALE_FOR + 1, 'stale-only'],
  ['expired for too long', 0, -STALE_FOR, 'dead']
]

for (const [name, age, expires, expected] of AGES) {
  test(`a record ${name} is ${expected}`, t => {
    const now = Date.now()
    const record = bodyOf(alice, { expires: now + expires })

    t.is(freshnessOf(record, now - age, now), expected)
  })
}

const ANNOUNCEMENTS: [
  announced: number,
  failed: boolean,
  interval: number,
  delay: number,
  renew: boolean
][] = [
  [0, false, 60 * MINUTE, 60 * MINUTE, true],
  [0, true, 60 * MINUTE, 10_000, false],
  [1, false, 60 * MINUTE, 5000, false],
  [2, false, 60 * MINUTE, 30_000, false],
  [3, false, 60 * MINUTE, 5 * MINUTE, false],
  [4, false, 60 * MINUTE, 60 * MINUTE, true],
  [4, true, 60 * MINUTE, 10_000, false],
  [3, false, MINUTE, MINUTE, true],
  [9, true, 1000, 1000, true]
]

for (const [announced, failed, interval, delay, renew] of ANNOUNCEMENTS) {
  test(`after ${announced} announcements${failed ? ' and a failure' : ''}, at an interval of ${interval} ms, the next comes in ${delay} ms`, t => {
    t.deepEqual(nextAnnouncement(announced, interval, failed), { delay, renew })
  })
}

test('of more addresses than a record may have, the public ones stay', t => {
  const bridges = Array.from({ length: 20 }, (_, index) => `172.17.0.${index}`)
  const { multiaddrs, endpoints } = withinRecord({
    multiaddrs: [...bridges, '203.0.113.7'].map(address => `/ip4/${address}/tcp/7010`),
    endpoints: [...bridges, '[2001:db8::1]'].map(address => `https://${address}:9010`)
  })

  t.deepEqual([multiaddrs.length, multiaddrs[0]], [16, '/ip4/203.0.113.7/tcp/7010'])
  t.deepEqual([endpoints.length, endpoints[0]], [16, 'https://[2001:db8::1]:9010'])
})

test('a node is reached as before whatever the order of its addresses', t => {
  const here = { multiaddrs: ['/a', '/b'], endpoints: [] }

  t.true(isSameReachability(here, { multiaddrs: ['/b', '/a'], endpoints: [] }))
  t.false(isSameReachability(here, { multiaddrs: ['/b'], endpoints: [] }))
  t.false(isSameReachability(here, { ...here, host: 'here.example' }))
})

test('of many peers the one that lives is found, a few dials at a time', async t => {
  let [underway, most] = [0, 0]
  const found = await firstSuccess([...Array(99).keys()], 8, async peer => {
    underway += 1
    most = Math.max(most, underway)
    await Promise.resolve()
    underway -= 1
    if (peer !== 98) throw new Error('dead')

    return peer
  })

  t.is(found, 98)
  t.is(most, 8)
})

test('where all are dead the last failure of each row is told', async t => {
  await t.throwsAsync(firstSuccess([1, 2, 3], 2, fail), { instanceOf: AggregateError })
  await t.throwsAsync(firstSuccess([], 2, fail), { instanceOf: AggregateError })
})

async function fail(): Promise<never> {
  throw new Error('dead')
}
