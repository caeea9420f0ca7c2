import fc from 'fast-check'
import test from 'ava'
import { version } from 'uuid'
import { InvalidUuidError, createUuid, parseUuid } from '../../identity/index.ts'

const mac = Uint8Array.of(0x00, 0x16, 0xcb, 0x90, 0xe4, 0xdc)
const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size })

// A18
test('a UUID bears version 1, the variant of RFC 9562 and the hardware address', t => {
  const uuid = createUuid({ mac, now: Date.UTC(2026, 0, 1), random: new Uint8Array(16) })

  t.is<string, string>(uuid, 'd0c3c000-e6a4-11f0-8000-0016cb90e4dc')
  t.is(version(uuid), 1)
})

test('the time of RFC 9562 appendix A.1 gives its fields', t => {
  // The vector's 138648505420000000 ticks since 1582 end in a whole millisecond.
  const uuid = createUuid({
    mac: Uint8Array.of(0x9f, 0x6b, 0xde, 0xce, 0xd8, 0x46),
    now: Date.UTC(2022, 1, 22, 19, 22, 22),
    random: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0x33, 0xc8, 0, 0, 0, 0, 0, 0)
  })

  t.is<string, string>(uuid, 'c232ab00-9414-11ec-b3c8-9f6bdeced846')
})

test('without a hardware address the node bits are random and say so', t => {
  fc.assert(
    fc.property(bytes(16), random => {
      const uuid = createUuid({ mac: undefined, now: 0, random })
      // RFC 9562 section 6.10: the multicast bit, which no hardware address has.
      t.is(Number.parseInt(uuid.slice(24, 26), 16) & 1, 1)
      t.is(Buffer.from(uuid.slice(26), 'hex').compare(random.subarray(11)), 0)
    })
  )
})

test('two nodes made in one millisecond on one machine differ', t => {
  const now = 1_700_000_000_000
  const ids = [1, 2, 3, 4].map(chance =>
    createUuid({ mac, now, random: new Uint8Array(16).fill(chance) })
  )

  t.is(new Set(ids).size, 4)
})

test('every moment and chance gives a UUID that is taken back', t => {
  fc.assert(
    fc.property(fc.nat(4_102_444_800_000), bytes(16), fc.option(bytes(6)), (now, random, node) => {
      const uuid = createUuid({ mac: node ?? undefined, now, random })
      t.is(version(uuid), 1)
      t.is(parseUuid(uuid.toUpperCase()), uuid)
    })
  )
})

// A11, A19: its variant bits are the reserved ones.
test("the specification's own sample is taken", t => {
  const sample = '6409808a-3548-11db-f2fd-0016cb90e4dc'

  t.is<string, string>(parseUuid(sample), sample)
})

for (const text of [
  '',
  'hello',
  '6409808a354811dbf2fd0016cb90e4dc',
  '6409808a-3548-11db-f2fd-0016cb90e4d',
  '6409808a-3548-11db-f2fd-0016cb90e4dcc',
  '6409808g-3548-11db-f2fd-0016cb90e4dc',
  ' 6409808a-3548-11db-f2fd-0016cb90e4dc',
  '6409808a-3548-11db-f2fd-0016cb90e4dc\n',
  '{6409808a-3548-11db-f2fd-0016cb90e4dc}'
]) {
  test(`${JSON.stringify(text)} is no UUID`, t => {
    t.throws(() => parseUuid(text), { instanceOf: InvalidUuidError, code: 'PLEXNET_INVALID_UUID' })
  })
}

test('any text gives a UUID or the error of its own kind', t => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), text => {
      t.throws(() => parseUuid(text), { instanceOf: InvalidUuidError })
    })
  )
})

test('the message keeps control characters of a stranger off the terminal', t => {
  const error = t.throws(() => parseUuid(`\u001B[2J${'x'.repeat(10_000)}`))

  t.false(error?.message.includes('\u001B'))
  t.true((error?.message.length ?? 0) < 300)
})
