import test from 'ava'
import { judgeClaims } from '../../discovery/claims.ts'
import { newPerson } from '../helpers/identities.ts'
import { recordOf } from '../helpers/records.ts'

const alice = await newPerson()
const { uuid, address } = alice.identity
const [twin, bob] = await Promise.all([newPerson(uuid), newPerson()])
const mine = recordOf(alice, { seq: 2 })
const older = recordOf(alice, { seq: 1 })
const theirs = recordOf(twin, { seq: 9 })

test('no claim is none', t => {
  t.deepEqual(judgeClaims(uuid, [], undefined), { kind: 'none' })
})

test('a record of another UUID is no claim', t => {
  t.deepEqual(judgeClaims(uuid, [recordOf(bob)], undefined), { kind: 'none' })
})

test('the only claim is chosen', t => {
  t.deepEqual(judgeClaims(uuid, [mine], undefined), {
    kind: 'chosen',
    record: mine,
    assurance: 'only-claim'
  })
})

test('of one key the newest record is taken, in any order', t => {
  for (const claims of [
    [older, mine],
    [mine, older]
  ]) {
    t.deepEqual(judgeClaims(uuid, claims, undefined), {
      kind: 'chosen',
      record: mine,
      assurance: 'only-claim'
    })
  }
})

test('two keys are never guessed between', t => {
  const verdict = judgeClaims(uuid, [theirs, mine, older], undefined)

  t.is(verdict.kind, 'ambiguous')
  t.deepEqual(
    verdict.kind === 'ambiguous' ? new Set(verdict.claims) : undefined,
    new Set([mine, theirs])
  )
})

test('the pinned key wins over any other', t => {
  t.deepEqual(judgeClaims(uuid, [theirs, mine], address.fp), {
    kind: 'chosen',
    record: mine,
    assurance: 'pinned'
  })
})

test('another key is not taken where the pinned one does not answer', t => {
  t.deepEqual(judgeClaims(uuid, [theirs], address.fp), { kind: 'none' })
})

const own = { level: 1, isOwn: true, paths: [] } as const
const friends = { level: 3, isOwn: false, paths: [] } as const

// A42, DESIGN section 5
test('of two claims the one that the trust map vouches for is chosen, and the reason goes with it', t => {
  const verdict = judgeClaims(uuid, [theirs, mine], undefined, claim =>
    claim.fp === address.fp ? friends : undefined
  )

  t.deepEqual(verdict, { kind: 'chosen', record: mine, assurance: 'vouched', vouch: friends })
})

test('what this node said itself counts for more than what friends say', t => {
  const verdict = judgeClaims(uuid, [theirs, mine], undefined, claim =>
    claim.fp === address.fp ? own : friends
  )

  t.like(verdict, { kind: 'chosen', record: mine, vouch: own })
})

test('two that are vouched for alike are not guessed between', t => {
  t.is(judgeClaims(uuid, [theirs, mine], undefined, () => friends).kind, 'ambiguous')
})

test('a pin stands above what others vouch for', t => {
  const verdict = judgeClaims(uuid, [theirs, mine], address.fp, claim =>
    claim.fp === address.fp ? undefined : friends
  )

  t.like(verdict, { kind: 'chosen', record: mine, assurance: 'pinned' })
})
