import test from 'ava'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { hash } from 'node:crypto'
import { InvalidAuditReportError } from '../../../../overlay/audit/errors.ts'
import type { Asked } from '../../../../overlay/audit/auditor/service.ts'
import { MAX_DOCUMENTS } from '../../../../overlay/audit/policy/document.ts'
import { MAX_CHALLENGES } from '../../../../overlay/audit/policy/visit.ts'
import { Admission } from '../../../../overlay/audit/third/admission.ts'
import {
  encodeObservation,
  MAX_OBSERVATION_BYTES,
  readObservation,
  type Observation
} from '../../../../overlay/audit/third/observation.ts'
import {
  MAX_AUDIT_REQUEST_BYTES,
  signAuditRequest,
  type AuditRequest
} from '../../../../overlay/audit/third/request.ts'
import { LookingForOthers, type Looked } from '../../../../overlay/audit/third/service.ts'
import { blockTarget } from '../../../../overlay/audit/block-target.ts'
import { ed25519Signer, MAX_SITE_RECORD_BYTES } from '../../../../overlay/content/index.ts'
import { newPerson, type Person } from '../../../helpers/identities.ts'
import { recordOf } from '../../../helpers/records.ts'
import { signedBy } from '../../../helpers/signed-answers.ts'

const [publisher, mirror, third, stranger] = await Promise.all([
  newPerson(),
  newPerson(),
  newPerson(),
  newPerson()
])
const DAY = 86_400_000

function blockOf(text: string): CID {
  return CID.createV1(0x55, createDigest(0x12, hash('sha256', text, 'buffer')))
}

let issued = Date.now()

function requestOf(changes: Partial<AuditRequest> = {}, auditor: Person = publisher): Uint8Array {
  issued += 1

  return signAuditRequest(
    {
      site: publisher.identity.address,
      mirror: mirror.identity.address,
      third: third.identity.address,
      blocks: [blockOf('a'), blockOf('b')],
      issued,
      ...changes
    },
    recordOf(auditor).bytes,
    ed25519Signer(auditor.identity.libp2pKey.seed)
  )
}

const SEEN: Observation = { blocks: [{ seen: 'right' }, { seen: 'absent' }], reason: 'gone' }

interface Third {
  readonly looking: LookingForOthers
  readonly asked: Asked[]
}

function newThird(): Third {
  const asked: Asked[] = []
  const looking = new LookingForOthers({
    own: third.identity.address,
    isKnown: async auditor => auditor.uuid === publisher.identity.uuid,
    isMirrorOf: async (node, site) =>
      node.uuid === mirror.identity.uuid && site.uuid === publisher.identity.uuid,
    look: async one => {
      asked.push(one)

      return SEEN
    }
  })

  return { looking, asked }
}

async function kindOf(
  request: Uint8Array,
  { looking }: Third = newThird()
): Promise<Looked['kind']> {
  return (await looking.look(request)).kind
}

test('a node looks at a mirror for the publisher whose site it knows, and tells what came', async t => {
  const one = newThird()
  const answer = await one.looking.look(requestOf())

  t.is(answer.kind, 'seen')
  t.deepEqual(
    one.asked.map(asked => ({ ...asked, blocks: asked.blocks.map(String) })),
    [
      {
        site: publisher.identity.address,
        mirror: mirror.identity.address,
        blocks: [blockOf('a'), blockOf('b')].map(String),
        documents: []
      }
    ]
  )
  if (answer.kind === 'seen') t.deepEqual(readObservation(answer.observation).blocks.length, 2)
})

test('documents are asked for by name, and a part of one by its range', async t => {
  const one = newThird()
  const documents = [
    { path: ['docs', 'a b.html'] },
    { path: ['big.bin'], range: { start: 100, end: 200 } }
  ]

  t.is(await kindOf(requestOf({ blocks: [], documents }), one), 'seen')
  t.deepEqual(one.asked[0]?.documents, documents)
})

test('strangers are refused: it is no proxy', async t => {
  t.is(await kindOf(requestOf({}, stranger)), 'stranger')
})

test('nothing is asked of a node that does not announce itself as a mirror of the site', async t => {
  const one = newThird()

  t.is(await kindOf(requestOf({ mirror: stranger.identity.address }), one), 'elsewhere')
  t.is(await kindOf(requestOf({ site: stranger.identity.address }), one), 'elsewhere')
  t.is(await kindOf(requestOf({ mirror: third.identity.address }), newThird()), 'elsewhere')
  t.deepEqual(one.asked, [])
})

const MALFORMED: Readonly<Record<string, () => Uint8Array>> = {
  'is nothing': () => new Uint8Array(),
  'is too large': () => new Uint8Array(MAX_AUDIT_REQUEST_BYTES + 1),
  'is for somebody else': () => requestOf({ third: stranger.identity.address }),
  'is of another day': () => requestOf({ issued: Date.now() - 2 * DAY }),
  'comes from the future': () => requestOf({ issued: Date.now() + 2 * DAY }),
  'names nothing': () => requestOf({ blocks: [] }),
  'names a document above the site': () => requestOf({ documents: [{ path: ['..', 'x'] }] }),
  'names a hidden document': () => requestOf({ documents: [{ path: ['.git', 'config'] }] }),
  'names a document with a slash in its name': () => requestOf({ documents: [{ path: ['a/b'] }] }),
  'names a document without a name': () => requestOf({ documents: [{ path: [] }] }),
  'names too long a path': () =>
    requestOf({ documents: [{ path: ['x'.repeat(200), 'y'.repeat(200), 'z'.repeat(200)] }] }),
  'names too much of a document': () =>
    requestOf({ documents: [{ path: ['x'], range: { start: 0, end: 300_000 } }] }),
  'names a range that ends before it begins': () =>
    requestOf({ documents: [{ path: ['x'], range: { start: 5, end: 5 } }] }),
  'names too many documents': () =>
    requestOf({
      documents: Array.from({ length: MAX_DOCUMENTS + 1 }, () => ({ path: ['x'] }))
    }),
  'names too many': () =>
    requestOf({
      blocks: Array.from({ length: MAX_CHALLENGES + 1 }, (_, index) => blockOf(`${index}`))
    }),
  'names a block by its own bytes': () =>
    requestOf({ blocks: [CID.createV1(0x55, createDigest(0, Buffer.from('x')))] }),
  'is signed by another key': () =>
    signAuditRequest(
      {
        site: publisher.identity.address,
        mirror: mirror.identity.address,
        third: third.identity.address,
        blocks: [blockOf('a')],
        issued
      },
      recordOf(publisher).bytes,
      ed25519Signer(stranger.identity.libp2pKey.seed)
    ),
  'has an expired record': () =>
    signAuditRequest(
      {
        site: publisher.identity.address,
        mirror: mirror.identity.address,
        third: third.identity.address,
        blocks: [blockOf('a')],
        issued
      },
      recordOf(publisher, { issued: issued - 5 * DAY, expires: issued - 3 * DAY }).bytes,
      ed25519Signer(publisher.identity.libp2pKey.seed)
    )
}

for (const [name, request] of Object.entries(MALFORMED)) {
  test(`a request that ${name} is refused`, async t => {
    const one = newThird()

    t.is(await kindOf(request(), one), 'malformed')
    t.deepEqual(one.asked, [])
  })
}

test('a request counts once, and an older one not at all', async t => {
  const one = newThird()
  const older = requestOf()
  const request = requestOf()

  t.is(await kindOf(request, one), 'seen')
  t.is(await kindOf(request, one), 'seen-before')
  t.is(await kindOf(older, one), 'seen-before')
})

test('a mirror is not asked more often than a slow reader would, whoever wants it', async t => {
  const one = newThird()
  const kinds = await Array.fromAsync({ length: 10 }, async () => kindOf(requestOf(), one))

  t.is(kinds.filter(kind => kind === 'seen').length, 2)
  t.true(kinds.slice(2).every(kind => kind === 'busy'))
})

test('whatever is asked, by however many, the sum has a bound', t => {
  const admission = new Admission(0)
  let admitted = 0

  for (let second = 0; second < 3600; second += 1) {
    for (const auditor of ['a', 'b', 'c', 'd']) {
      const request = { auditor: `${auditor}${second % 50}`, mirror: `m${second}`, issued: second }

      if (admission.refusal(request, { isKnown: true }, second * 1000) == null) admitted += 1
    }
  }
  // One in thirty seconds, and eight at once.
  t.true(admitted <= 3600 / 30 + 8, `${admitted}`)
  t.true(admitted > 100)
})

test('signatures are looked at within a budget, too', t => {
  const admission = new Admission(0)

  t.is(Array.from({ length: 100 }, () => admission.mayLook(0)).filter(Boolean).length, 30)
  t.true(admission.mayLook(2000))
})

test('an observation comes back as it was told, and the largest fits its bound', t => {
  const answer = signedBy(mirror, blockTarget(blockOf('a')), Buffer.from('a'))
  const observation: Observation = {
    blocks: Array.from({ length: MAX_CHALLENGES }, () => ({ seen: 'right' as const, answer })),
    documents: [
      ...Array.from({ length: MAX_DOCUMENTS - 1 }, () => ({
        seen: 'sent' as const,
        digest: new Uint8Array(32),
        answer
      })),
      { seen: 'unasked' as const }
    ],
    record: { bytes: new Uint8Array(MAX_SITE_RECORD_BYTES), answer },
    reason: 'x'.repeat(1000)
  }
  const bytes = encodeObservation(observation)
  const read = readObservation(bytes)

  t.true(bytes.length <= MAX_OBSERVATION_BYTES)
  t.deepEqual(read.blocks, observation.blocks)
  t.deepEqual(read.documents, observation.documents)
  t.deepEqual(read.record, observation.record)
  t.is(read.reason?.length, 256)
})

test('whatever a third node tells, an observation or a typed error comes out', t => {
  const bytes = encodeObservation(SEEN)

  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(bytes.length - 1), (noise, at) => {
      const changed = Buffer.from(bytes)

      changed.set(noise.subarray(0, changed.length - at), at)
      for (const one of [noise, changed]) {
        try {
          t.true(readObservation(one).blocks.length <= MAX_CHALLENGES)
        } catch (error) {
          t.true(error instanceof InvalidAuditReportError)
        }
      }
    })
  )
})
