import test from 'ava'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { hash } from 'node:crypto'
import { blockTarget } from '../../../../overlay/audit/block-target.ts'
import { ROLLBACK_MARGIN } from '../../../../overlay/audit/incident/lie.ts'
import { regardFor } from '../../../../overlay/audit/policy/regard.ts'
import {
  STALE_AFTER,
  verdictOn,
  type Expectation,
  type Verdict
} from '../../../../overlay/audit/policy/verdict.ts'
import type { SignedAnswer } from '../../../../overlay/audit/signed-answer/signed-answer.ts'
import { siteTarget } from '../../../../overlay/audit/site-target.ts'
import type { BlockSeen, Observation } from '../../../../overlay/audit/third/observation.ts'
import { newPerson } from '../../../helpers/identities.ts'
import { recordOf } from '../../../helpers/records.ts'
import { rootOf, siteOf } from '../../../helpers/site-records.ts'
import { signedBy } from '../../../helpers/signed-answers.ts'

const [mirror, publisher] = await Promise.all([newPerson(), newPerson()])
const NOW = Math.floor(Date.now() / 1000) * 1000
const DAY = 86_400_000
const SITE = publisher.identity.address
const texts = ['a', 'b', 'c']
const blocks = texts.map(text =>
  CID.createV1(0x55, createDigest(0x12, hash('sha256', text, 'buffer')))
)
const [old, current] = [rootOf('old'), rootOf('current')]
const oldSite = siteOf(publisher, old, { seq: 7 })
const newSite = siteOf(publisher, current, { seq: 8 })
const record = recordOf(mirror, { issued: NOW - 5 * DAY, expires: NOW + DAY })

function block(
  index: number,
  content = texts[index] ?? '',
  seen: BlockSeen['seen'] = 'right'
): BlockSeen {
  const target = blockTarget(blocks[index] ?? old)

  return { seen, answer: signedBy(mirror, target, Buffer.from(content), { time: NOW }) }
}

function signatureOf({ bytes, seq }: typeof oldSite, time: number): SignedAnswer {
  return signedBy(mirror, siteTarget(SITE), bytes, { time, fields: { etag: `"${seq}"` } })
}

function told(site: typeof oldSite): NonNullable<Observation['record']> {
  return { bytes: site.bytes, answer: signatureOf(site, NOW) }
}

function verdict(observation: Partial<Observation>, changes: Partial<Expectation> = {}): Verdict {
  return verdictOn(
    { blocks: [block(0), block(1), block(2)], record: told(newSite), ...observation },
    {
      site: SITE,
      mirror: record,
      blocks,
      root: current,
      since: NOW - 2 * DAY,
      now: NOW,
      ...changes
    }
  )
}

function changed(answer: SignedAnswer): SignedAnswer {
  return { ...answer, signature: answer.signature.map(byte => byte ^ 1) }
}

test('right blocks that are signed pass', t => {
  t.like(verdict({}), { outcome: 'right', challenges: 3, seq: 8 })
})

test('other bytes that are signed are a lie, and the incident is made', t => {
  const { outcome, challenges, incident } = verdict({
    blocks: [block(0), block(1, 'x', 'wrong')]
  })

  t.is(outcome, 'lied')
  t.is(challenges, 2)
  t.deepEqual(incident?.lie, { kind: 'altered', cid: String(blocks[1]) })
})

test('whoever signs a lie has lied, whatever a third node says it saw', t => {
  t.is(verdict({ blocks: [block(0), block(1, 'x', 'right')] }).outcome, 'lied')
})

const UNPROVEN: Readonly<Record<string, BlockSeen>> = {
  'a word without a signature': { seen: 'wrong' },
  'the right digest, signed, over other bytes': block(1, 'b', 'wrong'),
  'the signature of somebody else': {
    seen: 'wrong',
    answer: signedBy(publisher, blockTarget(blocks[1] ?? old), Buffer.from('x'), { time: NOW })
  },
  'a signature for another block': { seen: 'wrong', answer: block(2).answer },
  'a signature that was changed': {
    seen: 'wrong',
    answer: changed(
      signedBy(mirror, blockTarget(blocks[1] ?? old), Buffer.from('x'), { time: NOW })
    )
  }
}

for (const [name, seen] of Object.entries(UNPROVEN)) {
  test(`${name} is wrong, and no proof`, t => {
    const { outcome, incident } = verdict({ blocks: [block(0), seen] })

    t.is(outcome, 'wrong')
    t.is(incident, undefined)
  })
}

test('right blocks that the mirror does not stand by are unsigned', t => {
  t.is(verdict({ blocks: [block(0), { seen: 'right' }, block(2)] }).outcome, 'unsigned')
})

test('an answer that was kept for days, by a third node or the mirror, is none', t => {
  const kept = signedBy(mirror, blockTarget(blocks[1] ?? old), Buffer.from('b'), {
    time: NOW - 2 * DAY
  })

  t.is(
    verdict({ blocks: [block(0), { seen: 'right', answer: kept }, block(2)] }).outcome,
    'unsigned'
  )
})

test('a third node that stops in the middle, without a reason, tells of a failure', t => {
  t.like(verdict({ blocks: [block(0)] }), { outcome: 'failed', challenges: 2 })
  t.like(verdict({ blocks: [] }), { outcome: 'failed', challenges: 1 })
})

for (const seen of ['absent', 'failed', 'stalled'] as const) {
  test(`a block that is ${seen} is told as such, with where it was`, t => {
    const found = verdict({ blocks: [block(0), { seen }], reason: 'because' })

    t.is(found.outcome, seen)
    t.true(found.reason?.includes(String(blocks[1])))
  })
}

// C10: a mirror that hides the new version.
test('a mirror that serves the old version for longer than a night is stale', t => {
  const observation = { record: told(oldSite) }

  t.like(verdict(observation), { outcome: 'stale', seq: 7 })
  t.is(verdict(observation, { since: NOW - STALE_AFTER }).outcome, 'right')
  t.is(verdict(observation, { since: NOW - 1000, staleAfter: 500 }).outcome, 'stale')
})

test('a mirror that copies by night need not have by day what is new, and who has the version needs all of it', t => {
  const observation = { blocks: [block(0), { seen: 'absent' as const }], record: told(oldSite) }

  t.like(verdict(observation, { since: NOW - STALE_AFTER }), { outcome: 'right', challenges: 1 })
  t.is(verdict(observation).outcome, 'stale')
  t.is(verdict({ ...observation, record: told(newSite) }).outcome, 'absent')
  t.is(verdict({ ...observation, record: undefined }).outcome, 'absent')
})

test('a mirror whose copy is right, under an older signature, is not stale', t => {
  const resigned = siteOf(publisher, current, { seq: 6 })

  t.is(verdict({ record: told(resigned) }).outcome, 'right')
})

test('a record that is not of this site, or none, is no reason for anything', t => {
  t.is(verdict({ record: { bytes: siteOf(mirror, old).bytes } }).outcome, 'right')
  t.is(verdict({ record: { bytes: new Uint8Array(3) } }).outcome, 'right')
  t.is(verdict({ record: undefined }).outcome, 'right')
})

test('the highest version that a mirror signed is remembered', t => {
  t.is(verdict({}).best?.seq, 8)
  t.is(
    verdict(
      { record: told(oldSite) },
      { best: { seq: 8, answer: signedBy(mirror, siteTarget(SITE), newSite.bytes) } }
    ).best?.seq,
    8
  )
})

test('a mirror that signs the old version days after the new one has lied', t => {
  const before = signatureOf(newSite, NOW - ROLLBACK_MARGIN - 1000)
  const { outcome, incident } = verdict(
    { record: told(oldSite) },
    { best: { seq: 8, answer: before } }
  )

  t.is(outcome, 'lied')
  t.like(incident?.lie, { kind: 'rolled-back', seq: 7, before: 8 })
})

test('sooner than that a clock may have been put right, and it only counts as stale', t => {
  const before = signatureOf(newSite, NOW - ROLLBACK_MARGIN)
  const { outcome, incident } = verdict(
    { record: told(oldSite) },
    { best: { seq: 8, answer: before } }
  )

  t.is(outcome, 'stale')
  t.is(incident, undefined)
})

test('a liar is never read from, but last where it is trusted and wronged somebody else', t => {
  t.is(regardFor(0, { hasLied: false }), 'usual')
  t.is(regardFor(0, { hasLied: true }), 'never')
  t.is(regardFor(2, { hasLied: true }), 'last')
  t.is(regardFor(3, { hasLied: true, isWronged: true }), 'never')
})
