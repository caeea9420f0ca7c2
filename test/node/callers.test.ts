import test from 'ava'
import { parseFullAddress } from '../../identity/index.ts'
import { knownCaller } from '../../node/callers.ts'

const anna = `6409808a-3548-11db-a2fd-0016cb90e4dc.${'a'.repeat(26)}`
const ben = `6409808a-3548-11db-a2fd-0016cb90e4dd.${'b'.repeat(26)}`

type Network = NonNullable<Parameters<typeof knownCaller>[0]>

function networkThatSays(domain: 'identify' | 'mirror', level: 1 | 2 | 3): Network {
  const statement = {
    issuer: parseFullAddress(ben),
    subject: parseFullAddress(anna),
    domain,
    level,
    seq: 1,
    issued: 0,
    expires: Number.MAX_SAFE_INTEGER,
    isPrivate: false
  }
  // What friends say of each other must not count, so that nothing else is asked.
  const parts = {
    trust: { own: () => [statement] },
    names: { own: new Map([['anna', parseFullAddress(anna)]]) }
  }

  return parts as unknown as Network
}

test('whom the owner trusts at level 3 to be who it is, is known, with the name that it has here', t => {
  t.deepEqual(knownCaller(networkThatSays('identify', 3), parseFullAddress(anna)), {
    ...parseFullAddress(anna),
    address: anna,
    level: 3,
    name: 'anna'
  })
})

test('a lower level, another domain, or another node make nobody known', t => {
  t.is(knownCaller(networkThatSays('identify', 2), parseFullAddress(anna)), undefined)
  t.is(knownCaller(networkThatSays('mirror', 3), parseFullAddress(anna)), undefined)
  t.is(knownCaller(networkThatSays('identify', 3), parseFullAddress(ben)), undefined)
  t.is(knownCaller(undefined, parseFullAddress(anna)), undefined)
})
