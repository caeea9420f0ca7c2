import { decode, encode } from '@ipld/dag-cbor'
import test from 'ava'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { hash } from 'node:crypto'
import { CLOCK_TOLERANCE } from '../../../../discovery/index.ts'
import { blockTarget } from '../../../../overlay/audit/block-target.ts'
import { InvalidIncidentError, type IncidentFault } from '../../../../overlay/audit/errors.ts'
import {
  INCIDENT_LIFETIME,
  makeIncident,
  MAX_INCIDENT_BYTES,
  openIncident
} from '../../../../overlay/audit/incident/incident.ts'
import { lieText, ROLLBACK_MARGIN } from '../../../../overlay/audit/incident/lie.ts'
import type { SignedAnswer } from '../../../../overlay/audit/signed-answer/signed-answer.ts'
import { siteTarget } from '../../../../overlay/audit/site-target.ts'
import { newPerson } from '../../../helpers/identities.ts'
import { recordOf } from '../../../helpers/records.ts'
import { signedBy, type AnswerChanges } from '../../../helpers/signed-answers.ts'

const NOW = Math.floor(Date.now() / 1000) * 1000
const DAY = 86_400_000
const [mirror, publisher] = await Promise.all([newPerson(), newPerson()])
const record = recordOf(mirror).bytes
const long = recordOf(mirror, { issued: NOW - 5 * DAY, expires: NOW + DAY }).bytes
const RIGHT = Buffer.from('what was published')
const WRONG = Buffer.from('something else')
const BLOCK = CID.createV1(0x55, createDigest(0x12, hash('sha256', RIGHT, 'buffer')))
const SITE = siteTarget(publisher.identity.address)

function lieAbout(changes: AnswerChanges = {}, content: Uint8Array = WRONG): SignedAnswer {
  return signedBy(mirror, blockTarget(BLOCK), content, { time: NOW, ...changes })
}

function told(seq: number, time: number): SignedAnswer {
  return signedBy(mirror, SITE, RIGHT, { time, fields: { etag: `"${seq}"` } })
}

function faultOf(act: () => unknown): IncidentFault | undefined {
  try {
    act()

    return undefined
  } catch (error) {
    if (error instanceof InvalidIncidentError) return error.reason
    throw error
  }
}

// C10, C15: a wrong answer is proof for anybody.
test('other bytes under a CID that a node signed prove that it lied', t => {
  const { bytes } = makeIncident(record, [lieAbout()], NOW)
  const incident = openIncident(bytes, NOW + DAY)

  t.deepEqual(incident.liar, mirror.identity.address)
  t.deepEqual(incident.lie, { kind: 'altered', cid: BLOCK.toString() })
  t.is(incident.signed, NOW)
  t.true(bytes.length < 4096, `${bytes.length}`)
  t.regex(lieText(incident.lie), /other bytes/)
})

test('an old version that is signed days after a newer one proves it, too', t => {
  const answers = [told(9, NOW - ROLLBACK_MARGIN - 1000), told(8, NOW)]
  const incident = makeIncident(long, answers, NOW)

  t.deepEqual(incident.lie, {
    kind: 'rolled-back',
    site: publisher.identity.address,
    seq: 8,
    before: 9
  })
  t.true(incident.bytes.length <= MAX_INCIDENT_BYTES)
})

const HARMLESS: Readonly<Record<string, readonly SignedAnswer[]>> = {
  'the bytes that were asked for': [lieAbout({}, RIGHT)],
  'an answer that says it has an error': [lieAbout({ status: 404 })],
  'a part of the block': [lieAbout({ status: 206 })],
  'an answer to HEAD': [lieAbout({ method: 'HEAD' })],
  'another document': [signedBy(mirror, '/index.html', WRONG, { time: NOW })],
  'an archive of the block': [
    signedBy(mirror, `/ipfs/${BLOCK.toString()}?format=car`, WRONG, { time: NOW })
  ],
  'a block by a hash that is not read': [
    signedBy(
      mirror,
      blockTarget(CID.createV1(0x55, createDigest(0x13, new Uint8Array(64)))),
      WRONG,
      { time: NOW }
    )
  ],
  'a digest of another kind': [lieAbout({ fields: { 'content-digest': 'sha-512=:AA==:' } })],
  'a newer version after an older one': [told(8, NOW - ROLLBACK_MARGIN - 1000), told(9, NOW)],
  'the same version twice': [told(9, NOW - ROLLBACK_MARGIN - 1000), told(9, NOW)],
  // A clock that was a day ahead and was put right turns two honest answers round.
  'an older version within what clocks may differ': [told(9, NOW - ROLLBACK_MARGIN), told(8, NOW)],
  'versions of two sites': [
    told(9, NOW - ROLLBACK_MARGIN - 1000),
    signedBy(mirror, siteTarget(mirror.identity.address), RIGHT, {
      time: NOW,
      fields: { etag: '"8"' }
    })
  ],
  'two wrong blocks where one would do': [lieAbout(), lieAbout()]
}

for (const [name, answers] of Object.entries(HARMLESS)) {
  test(`${name} is no lie`, t => {
    t.is(
      faultOf(() => makeIncident(long, answers, NOW)),
      'no-lie'
    )
  })
}

const FORGED: Readonly<Record<string, readonly [IncidentFault, () => unknown]>> = {
  'somebody else signed': [
    'bad-signature',
    () => makeIncident(record, [{ ...lieAbout(), signature: signatureOf(publisher) }], NOW)
  ],
  'the digest was changed afterwards': [
    'bad-signature',
    () => makeIncident(record, [withDigest(lieAbout({}, RIGHT), lieAbout())], NOW)
  ],
  'the record is that of another node': [
    'wrong-node',
    () => makeIncident(recordOf(publisher).bytes, [lieAbout()], NOW)
  ],
  'the record has been changed': [
    'bad-node-record',
    () => makeIncident(Buffer.concat([record, Buffer.of(0)]), [lieAbout()], NOW)
  ],
  'the answer is not signed at all': [
    'malformed',
    () => makeIncident(record, [{ ...lieAbout(), input: '()' }], NOW)
  ],
  'a value has a line of its own': [
    'malformed',
    () => makeIncident(record, [withValue(lieAbout(), 3, '200\n"etag": x')], NOW)
  ],
  'there is one value too many': [
    'malformed',
    () => makeIncident(record, [{ ...lieAbout(), values: [...lieAbout().values, 'x'] }], NOW)
  ],
  'there are no answers': ['malformed', () => makeIncident(record, [], NOW)],
  'it comes from the future': [
    'from-the-future',
    () => makeIncident(record, [lieAbout()], NOW - CLOCK_TOLERANCE - 1000)
  ],
  'it is too old': [
    'expired',
    () => openIncident(makeIncident(record, [lieAbout()], NOW).bytes, NOW + INCIDENT_LIFETIME + 1)
  ],
  'it was signed before the record began': [
    'outside-node-record',
    () => makeIncident(record, [lieAbout({ time: NOW - 2 * DAY })], NOW)
  ],
  'it is too large': ['too-large', () => openIncident(new Uint8Array(MAX_INCIDENT_BYTES + 1), NOW)],
  'it is nothing': ['malformed', () => openIncident(new Uint8Array(), NOW)],
  'it is spelled otherwise': [
    'malformed',
    () => openIncident(Buffer.concat([Buffer.of(0x9f), ...longSpelling()]), NOW)
  ]
}

for (const [name, [reason, act]] of Object.entries(FORGED)) {
  test(`an accusation is refused where ${name}`, t => {
    t.is(faultOf(act), reason)
  })
}

test('whatever bytes come, an incident or a typed error comes out', t => {
  const { bytes } = makeIncident(record, [lieAbout()], NOW)

  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(bytes.length - 1), (noise, at) => {
      const changed = Buffer.from(bytes)

      changed.set(noise.subarray(0, changed.length - at), at)
      faultOf(() => openIncident(noise, NOW))
      // One changed bit is a changed proof.
      if (!changed.equals(bytes)) t.truthy(faultOf(() => openIncident(changed, NOW)))
    })
  )
  t.deepEqual(decode(bytes), decode(encode(decode(bytes))))
})

function signatureOf(person: typeof mirror): Uint8Array {
  return signedBy(person, blockTarget(BLOCK), WRONG, { time: NOW }).signature
}

function withDigest(honest: SignedAnswer, other: SignedAnswer): SignedAnswer {
  return { ...honest, values: other.values }
}

function withValue(answer: SignedAnswer, at: number, value: string): SignedAnswer {
  return { ...answer, values: answer.values.with(at, value) }
}

/** The list as one of indefinite length, which is not canonical. */
function longSpelling(): Buffer[] {
  const { bytes } = makeIncident(record, [lieAbout()], NOW)

  return [Buffer.from(bytes.subarray(1)), Buffer.of(0xff)]
}
