import test from 'ava'
import fc from 'fast-check'
import {
  checkTimes,
  CLOCK_TOLERANCE,
  encodeNodeRecord,
  MAX_ENDPOINTS,
  MAX_MULTIADDRS,
  MAX_NODE_RECORD_BYTES,
  MAX_RECORD_LIFETIME,
  MAX_RECORD_TEXT,
  openNodeRecord
} from '../../discovery/node-record.ts'
import { RecordError, type RecordFault } from '../../discovery/index.ts'
import { nodeRecordKey, newestRecord, openRecordAt } from '../../discovery/record-key.ts'
import { parseUuid, signBody } from '../../identity/index.ts'
import { newPerson } from '../helpers/identities.ts'
import { bodyOf, recordOf, signedRecord } from '../helpers/records.ts'

const NOW = Date.now()
const [alice, bob] = await Promise.all([newPerson(), newPerson()])
const twin = await newPerson(alice.identity.uuid)
const { uuid, fp } = alice.identity.address

test('a record comes back as it was signed, with the address of its key', t => {
  const body = bodyOf(alice, { host: 'alice.example' })
  const { keyHash, address, bytes, ...record } = openNodeRecord(signedRecord(body, alice))

  t.deepEqual(plain(record), plain(body))
  t.deepEqual(address, alice.identity.address)
  t.deepEqual(keyHash, alice.identity.keyHash)
  t.deepEqual(bytes, signedRecord(body, alice))
})

test('where a node says that it is comes back rounded, and what is absurd is no place', t => {
  const coordinate = { x: 12.4, y: -80.6, height: 3.2, error: 0.25 }
  const told = recordOf(alice, { coordinate }).coordinate

  t.deepEqual(told, { x: 12, y: -81, height: 3, error: 0.25 })
  t.is(recordOf(alice, { coordinate: { ...coordinate, x: 1e6 } }).coordinate, undefined)
})

test('fields that this version does not know are ignored', t => {
  const bytes = signedRecord({ ...bodyOf(alice), coordinate: [1, 2], successor: null }, alice)

  t.is(openNodeRecord(bytes).uuid, uuid)
})

test('of an endpoint only its origin is kept', t => {
  const endpoints = ['https://192.0.2.1:9010/path?query#part', 'https://[2001:db8::1]:9010/']

  t.deepEqual(openNodeRecord(signedRecord(bodyOf(alice, { endpoints }), alice)).endpoints, [
    'https://192.0.2.1:9010',
    'https://[2001:db8::1]:9010'
  ])
})

const MALFORMED: Record<string, unknown> = {
  'a body that is a list': [1, 2],
  'a body that is a number': 7,
  'no uuid': { ...bodyOf(alice), uuid: undefined },
  'a uuid that is none': { ...bodyOf(alice), uuid: 'alice' },
  'a certificate that is text': { ...bodyOf(alice), certificate: 'text' },
  'a certificate that is noise': { ...bodyOf(alice), certificate: new Uint8Array(100) },
  'a libp2p key that is too short': { ...bodyOf(alice), libp2pKey: new Uint8Array(31) },
  'multiaddrs that are no list': { ...bodyOf(alice), multiaddrs: '/ip4/127.0.0.1' },
  'too many multiaddrs': { ...bodyOf(alice), multiaddrs: Array(MAX_MULTIADDRS + 1).fill('/x') },
  'too many endpoints': {
    ...bodyOf(alice),
    endpoints: Array(MAX_ENDPOINTS + 1).fill('https://x')
  },
  'a multiaddr that is too long': {
    ...bodyOf(alice),
    multiaddrs: ['/'.repeat(MAX_RECORD_TEXT + 1)]
  },
  'an endpoint without TLS': { ...bodyOf(alice), endpoints: ['http://192.0.2.1'] },
  'an endpoint with a password': { ...bodyOf(alice), endpoints: ['https://a:b@192.0.2.1'] },
  'an endpoint that is no address': { ...bodyOf(alice), endpoints: ['here'] },
  'a host that is a number': { ...bodyOf(alice), host: 7 },
  'a negative sequence': { ...bodyOf(alice), seq: -1 },
  'a sequence that is no integer': { ...bodyOf(alice), seq: 1.5 },
  'an expiry before the issue': { ...bodyOf(alice), expires: NOW - 1, issued: NOW },
  'a life that is too long': {
    ...bodyOf(alice),
    issued: NOW,
    expires: NOW + MAX_RECORD_LIFETIME + 1
  }
}

for (const [name, body] of Object.entries(MALFORMED)) {
  test(`${name} is malformed`, t => {
    t.is(
      faultOf(() => openNodeRecord(signedRecord(withoutUndefined(body), alice))),
      'malformed'
    )
  })
}

const REFUSED: Record<string, [RecordFault, Uint8Array]> = {
  'bytes over the limit': ['too-large', new Uint8Array(MAX_NODE_RECORD_BYTES + 1)],
  'no bytes at all': ['malformed', new Uint8Array()],
  noise: ['malformed', new Uint8Array([0xff, 0, 1, 2])],
  'nesting as deep as the limit': ['malformed', new Uint8Array(MAX_NODE_RECORD_BYTES).fill(0x81)],
  'a statement of another kind': [
    'bad-signature',
    signBody('trust', bodyOf(alice), message => alice.authority.sign(message))
  ],
  'a record signed by somebody else': ['bad-signature', signedRecord(bodyOf(alice), bob)],
  'a record for the UUID of somebody else': [
    'wrong-uuid',
    signedRecord(bodyOf(alice, { uuid: bob.identity.uuid }), alice)
  ]
}

for (const [name, [fault, bytes]] of Object.entries(REFUSED)) {
  test(`${name}: refused as ${fault}`, t => {
    t.is(
      faultOf(() => openNodeRecord(bytes)),
      fault
    )
  })
}

test('a record over the limit is not made either', t => {
  const long = Array.from({ length: MAX_MULTIADDRS }, () => 'x'.repeat(600))

  t.is(
    faultOf(() => encodeNodeRecord(bodyOf(alice, { multiaddrs: long }), () => new Uint8Array(384))),
    'too-large'
  )
})

test('a record with a changed byte never opens', t => {
  const good = recordOf(alice).bytes

  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
      const bytes = Uint8Array.from(good)

      bytes[index] = (bytes[index] ?? 0) ^ change

      return faultOf(() => openNodeRecord(bytes)) != null
    })
  )
  t.pass()
})

test('whatever bytes come, a record or a RecordError comes out', t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), bytes => {
      return faultOf(() => openNodeRecord(bytes)) != null
    })
  )
  t.pass()
})

const TIMES: [name: string, issued: number, expires: number, fault: RecordFault | undefined][] = [
  ['good for another millisecond', -1000, 1, undefined],
  ['expired this millisecond', -1000, 0, 'expired'],
  ['expired a day ago', -2e8, -86_400_000, 'expired'],
  ['from a clock a day ahead', 86_400_000, 86_400_001, undefined],
  ['from the end of the tolerance', CLOCK_TOLERANCE, CLOCK_TOLERANCE + 1, undefined],
  ['from beyond the tolerance', CLOCK_TOLERANCE + 1, CLOCK_TOLERANCE + 2, 'not-yet-valid']
]

for (const [name, issued, expires, fault] of TIMES) {
  test(`a record ${name}: ${fault ?? 'taken'}`, t => {
    const body = bodyOf(alice, { issued: NOW + issued, expires: NOW + expires })

    t.is(
      faultOf(() => checkTimes(body, NOW)),
      fault
    )
  })
}

const KEYS: [name: string, key: string, fault: RecordFault | undefined][] = [
  ['its own key', nodeRecordKey(uuid, fp), undefined],
  ['another UUID', nodeRecordKey(bob.identity.uuid, fp), 'wrong-uuid'],
  ['another key of the same UUID', nodeRecordKey(uuid, twin.identity.address.fp), 'wrong-key'],
  ['another kind', `/plexnet/site/${uuid}/${fp}`, 'malformed'],
  ['a longer path', `${nodeRecordKey(uuid, fp)}/x`, 'malformed'],
  ['no fingerprint', `/plexnet/node/${uuid}`, 'malformed'],
  ['an upper-case fingerprint', `/plexnet/node/${uuid}/${fp.toUpperCase()}`, 'malformed'],
  ['no UUID', `/plexnet/node/alice/${fp}`, 'malformed'],
  ['nothing', '', 'malformed']
]

for (const [name, key, fault] of KEYS) {
  test(`a record under ${name}: ${fault ?? 'taken'}`, t => {
    t.is(
      faultOf(() => openRecordAt(key, recordOf(alice).bytes, NOW)),
      fault
    )
  })
}

test('the highest sequence among the valid records under a key is the newest', t => {
  const key = nodeRecordKey(uuid, fp)
  const values = [
    recordOf(alice, { seq: 5 }).bytes,
    recordOf(alice, { seq: 9, issued: NOW - 20, expires: NOW - 10 }).bytes,
    recordOf(alice, { seq: 7 }).bytes,
    recordOf(twin, { seq: 99 }).bytes,
    new Uint8Array(3)
  ]

  t.is(newestRecord(key, values, NOW), 2)
})

test('a UUID with the reserved variant bits of the specification stands in a key', t => {
  const sample = parseUuid('6409808a-3548-11db-f2fd-0016cb90e4dc')

  t.is(
    faultOf(() => openRecordAt(nodeRecordKey(sample, fp), recordOf(alice).bytes, NOW)),
    'wrong-uuid'
  )
})

function faultOf(act: () => unknown): RecordFault | undefined {
  try {
    act()

    return undefined
  } catch (error) {
    if (error instanceof RecordError) return error.fault
    throw error
  }
}

/** DAG-CBOR has no `undefined`. */
function withoutUndefined(value: unknown): unknown {
  if (typeof value !== 'object' || value == null || Array.isArray(value)) return value

  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined))
}

/** Bytes compare by content, whatever class of array they come in. */
function plain(record: object): unknown {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key,
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
    ])
  )
}
