import fc from 'fast-check'
import test from 'ava'
import type { AddressFingerprint, NodeAddress } from '../../identity/index.ts'
import {
  InvalidAddressError,
  addressFingerprint,
  formatAddress,
  formatLabel,
  keyHashOf,
  parseAddress,
  parseUuid
} from '../../identity/index.ts'

const uuid = parseUuid('6409808a-3548-11db-f2fd-0016cb90e4dc')
const fp = addressFingerprint(keyHashOf(new TextEncoder().encode('abc')))

const uuids = fc.uuid().map(parseUuid)
const addresses: fc.Arbitrary<NodeAddress> = fc.oneof(
  fc.record({ uuid: uuids }),
  fc.record({
    uuid: uuids,
    fp: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(addressFingerprint)
  })
)

test('the fingerprint of an address is the first 130 bits of the key hash in base32', t => {
  // ba7816bf8f01cfea414140de5dae2223b0 (SHA-256 of "abc") in RFC 4648 base32, 26 of its 28 characters.
  t.is(fp, 'xj4bnp4pahh6uqkbidpf3lrceo' as AddressFingerprint)
})

test('a full address fills one DNS label to the last character', t => {
  t.is(formatLabel({ uuid, fp }), `${uuid}-${fp}`)
  t.is(formatLabel({ uuid, fp }).length, 63)
})

test('an address without a fingerprint is the UUID alone', t => {
  t.is(formatAddress({ uuid }), uuid)
  t.is(formatLabel({ uuid }), uuid)
  t.deepEqual(parseAddress(uuid), { uuid })
})

test('dot and label form name the same node, in any case', t => {
  fc.assert(
    fc.property(addresses, fc.boolean(), (address, upper) => {
      for (const text of [formatAddress(address), formatLabel(address)]) {
        t.deepEqual(parseAddress(upper ? text.toUpperCase() : text), address)
      }
    })
  )
})

for (const text of [
  '',
  'localhost',
  `${uuid}.`,
  `${uuid}-`,
  `${uuid}${fp}`,
  `${uuid}_${fp}`,
  `${uuid}.${fp.slice(1)}`,
  `${uuid}.${fp}a`,
  `${uuid}.1${fp.slice(1)}`,
  `${uuid}.${fp}.plex`,
  `.${fp}`,
  ` ${uuid}`
]) {
  test(`${JSON.stringify(text)} is no address`, t => {
    t.throws(() => parseAddress(text), {
      instanceOf: InvalidAddressError,
      code: 'PLEXNET_INVALID_ADDRESS'
    })
  })
}

test('any text gives an address or the error of its own kind', t => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.tuple(fc.uuid(), fc.string()).map(([id, tail]) => `${id}.${tail}`)
  )
  fc.assert(
    fc.property(texts, text => {
      t.throws(() => parseAddress(text), { instanceOf: InvalidAddressError })
    })
  )
})
