import test from 'ava'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { MAX_NODE_RECORD_BYTES, type NodeRecord } from '../../../discovery/index.ts'
import { CLOCK_TOLERANCE } from '../../../discovery/node-record.ts'
import { ed25519Signer, parseAddress, signBody } from '../../../identity/index.ts'
import { InvalidSiteRecordError, type SiteRecordFault } from '../../../overlay/content/errors.ts'
import { isSiteKey, newestSite, openSiteAt, siteKey } from '../../../overlay/content/site-key.ts'
import {
  MAX_SITE_LIFETIME,
  MAX_SITE_RECORD_BYTES,
  openSiteRecord,
  signSiteRecord
} from '../../../overlay/content/site-record.ts'
import { newPerson, type Person } from '../../helpers/identities.ts'
import { recordOf } from '../../helpers/records.ts'
import { rootOf, siteBodyOf, siteOf } from '../../helpers/site-records.ts'

const NOW = Date.now()
const DAY = 86_400_000
const ROOT = rootOf('one')
const [alice, bob] = await Promise.all([newPerson(), newPerson()])
const twin = await newPerson(alice.identity.uuid)
const key = siteKey(alice.identity.address)

// C2: whoever holds the bytes can check them, with nothing but the address.
test('a site comes back as it was signed, with the address of its authority', t => {
  const previous = rootOf('zero')
  const site = siteOf(alice, ROOT, { seq: 7, previous })
  const opened = openSiteRecord(site.bytes, { address: alice.identity.address, now: NOW })

  t.is(opened.seq, 7)
  t.true(opened.root.equals(ROOT))
  t.true(opened.previous?.equals(previous))
  t.deepEqual(opened.address, alice.identity.address)
  t.is(opened.node.uuid, alice.identity.uuid)
  t.deepEqual(opened.bytes, site.bytes)
})

test('fields that this version does not know are ignored', t => {
  t.is(openSiteRecord(signed({ rules: '.rules' }), { now: NOW }).uuid, alice.identity.uuid)
})

test('a site outlives the record of its node, which limits its addresses only', t => {
  const node = recordOf(alice, { issued: NOW - 3 * DAY, expires: NOW - 2 * DAY })
  const times = { issued: NOW - 2 * DAY - 1, expires: NOW + DAY }

  t.is(siteOf(alice, ROOT, times, node.bytes).expires, NOW + DAY)
  t.is(faultOf(siteOf(alice, ROOT, times, node.bytes).bytes), undefined)
})

const BODIES: Record<string, object> = {
  'no uuid': { uuid: null },
  'a uuid that is none': { uuid: 'alice' },
  'a negative sequence': { seq: -1 },
  'a sequence that is no integer': { seq: 1.5 },
  'a root that is text': { root: String(ROOT) },
  'a root that is a file': { root: CID.createV1(0x55, ROOT.multihash) },
  'a root of another version': {
    root: CID.parse('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn')
  },
  'a root by another hash': { root: CID.createV1(0x70, createDigest(0, new Uint8Array(32))) },
  'a root by half a hash': { root: CID.createV1(0x70, createDigest(0x12, new Uint8Array(16))) },
  'a previous root that is a number': { previous: 7 },
  'a node record that is text': { node: 'text' },
  'an expiry before the issue': { expires: NOW - 1, issued: NOW },
  'a life that is too long': { issued: NOW, expires: NOW + MAX_SITE_LIFETIME + 1 }
}

for (const [name, changes] of Object.entries(BODIES)) {
  test(`${name} is malformed`, t => {
    t.is(faultOf(signed(changes)), 'malformed')
  })
}

const REFUSED: Record<string, [SiteRecordFault, Uint8Array]> = {
  'bytes over the limit': ['too-large', new Uint8Array(MAX_SITE_RECORD_BYTES + 1)],
  'no bytes at all': ['malformed', new Uint8Array()],
  noise: ['malformed', Uint8Array.of(0xff, 0, 1, 2)],
  'a body that is a list': ['malformed', signBody('site', [1], signerOf(alice))],
  'a node record that is noise': ['bad-node-record', signed({ node: new Uint8Array(9) })],
  'a node record over its limit': [
    'bad-node-record',
    signed({ node: new Uint8Array(MAX_NODE_RECORD_BYTES + 1) })
  ],
  'a statement of another kind': ['bad-signature', signed({}, alice, 'mirror')],
  'a site signed by another libp2p key': ['bad-signature', signed({}, bob)],
  'a site signed by the authority key': [
    'bad-signature',
    signBody('site', bodyWith({}), message => alice.authority.sign(message))
  ],
  'a site that carries the record of another node': [
    'wrong-uuid',
    signed({ node: recordOf(bob).bytes })
  ],
  'a site issued before the record of its node': [
    'outside-node-record',
    signed({ issued: NOW - CLOCK_TOLERANCE - DAY })
  ],
  'a site issued after the record of its node': [
    'outside-node-record',
    signed({
      node: nodeOf({ issued: NOW - 4 * DAY, expires: NOW - CLOCK_TOLERANCE - 1 }),
      issued: NOW
    })
  ],
  'a site from beyond the tolerance': [
    'not-yet-valid',
    signed({
      node: nodeOf({ issued: NOW, expires: NOW + 9 * DAY }),
      issued: NOW + CLOCK_TOLERANCE + 1,
      expires: NOW + 8 * DAY
    })
  ],
  'a site that expires this millisecond': ['expired', signed({ issued: NOW - 5, expires: NOW })]
}

for (const [name, [fault, bytes]] of Object.entries(REFUSED)) {
  test(`${name}: refused as ${fault}`, t => {
    t.is(faultOf(bytes), fault)
  })
}

test('a site of another key with the same UUID is not the one that was asked for', t => {
  const { bytes } = siteOf(twin, ROOT)

  t.is(faultOf(bytes), undefined)
  t.throws(() => openSiteRecord(bytes, { address: alice.identity.address, now: NOW }), {
    instanceOf: InvalidSiteRecordError,
    message: /is for .*, not for/
  })
})

test('a site over the limit is not made either', t => {
  const node = new Uint8Array(MAX_SITE_RECORD_BYTES)

  t.throws(() => signSiteRecord(siteBodyOf(alice, ROOT), node, signerOf(alice)), {
    instanceOf: InvalidSiteRecordError
  })
})

test('beside its node record a site takes less than half the room that the limit leaves', t => {
  const node = nodeOf({ multiaddrs: Array.from({ length: 16 }, () => 'x'.repeat(256)) })
  const rest = siteOf(alice, ROOT, { previous: ROOT }, node).bytes.length - node.length

  t.true(rest < (MAX_SITE_RECORD_BYTES - MAX_NODE_RECORD_BYTES) / 2)
})

test('a site with a changed byte never opens', t => {
  const good = siteOf(alice, ROOT).bytes

  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
      const bytes = Uint8Array.from(good)

      bytes[index] = (bytes[index] ?? 0) ^ change

      return faultOf(bytes) != null
    })
  )
  t.pass()
})

test('whatever bytes come, a site or an InvalidSiteRecordError comes out', t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), bytes => faultOf(bytes) != null))
  t.pass()
})

const KEYS: [name: string, key: string][] = [
  ['the key of a node', key.replace('/site/', '/node/')],
  ['another UUID', siteKey(bob.identity.address)],
  ['another key of the same UUID', siteKey(twin.identity.address)],
  ['a longer path', `${key}/x`],
  ['no fingerprint', key.slice(0, key.lastIndexOf('/'))],
  ['upper case', key.replace(alice.identity.address.fp, t => t.toUpperCase())],
  ['a label in place of a path', key.replace(/\/([^/]+)$/, '-$1')],
  ['no UUID', '/plexnet/site/alice/bob'],
  ['nothing', '']
]

for (const [name, wrong] of KEYS) {
  test(`a site may not stand under ${name}`, t => {
    t.throws(() => openSiteAt(wrong, siteOf(alice, ROOT).bytes, NOW), {
      instanceOf: InvalidSiteRecordError
    })
  })
}

test('the key of a site is its address, and names it again', t => {
  const { uuid, fp } = alice.identity.address

  t.is(key, `/plexnet/site/${uuid}/${fp}`)
  t.true(isSiteKey(key))
  t.deepEqual(parseAddress(key.slice('/plexnet/site/'.length).replace('/', '.')), { uuid, fp })
  t.is(openSiteAt(key, siteOf(alice, ROOT).bytes, NOW).uuid, uuid)
})

test('the highest sequence among the valid sites under a key is the newest', t => {
  const values = [
    siteOf(alice, ROOT, { seq: 5 }).bytes,
    siteOf(alice, ROOT, { seq: 9, issued: NOW - 20, expires: NOW - 10 }).bytes,
    siteOf(alice, ROOT, { seq: 7 }).bytes,
    siteOf(twin, ROOT, { seq: 99 }).bytes,
    new Uint8Array(3)
  ]

  t.is(newestSite(key, values, NOW), 2)
  t.is(newestSite(key, [new Uint8Array(3)], NOW), 0)
})

function faultOf(bytes: Uint8Array): SiteRecordFault | undefined {
  try {
    openSiteRecord(bytes, { now: NOW })

    return undefined
  } catch (error) {
    if (error instanceof InvalidSiteRecordError) return error.reason
    throw error
  }
}

function bodyWith(changes: object): object {
  const { uuid, seq, root, issued, expires } = siteBodyOf(alice, ROOT, { issued: NOW })

  return { uuid, seq, root, issued, expires, node: nodeOf(), ...changes }
}

/** Any body, signed as a site by whoever. */
function signed(changes: object, signer: Person = alice, kind = 'site'): Uint8Array {
  return signBody(kind, bodyWith(changes), signerOf(signer))
}

function signerOf({ identity }: Person): (message: Uint8Array) => Uint8Array {
  return ed25519Signer(identity.libp2pKey.seed)
}

function nodeOf(changes: Partial<NodeRecord> = {}): Uint8Array {
  return recordOf(alice, changes).bytes
}
