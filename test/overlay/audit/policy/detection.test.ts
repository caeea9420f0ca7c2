/** A mirror that lies is found out by the rules of the node, as soon as arithmetic says (C15). */
import { hash } from 'node:crypto'
import test from 'ava'
import { CID } from 'multiformats/cid'
import { challengesFor, expectedChallenges } from '../../../../overlay/audit/policy/expected.ts'
import {
  judge,
  NEW_STANDING,
  type AuditResult,
  type Standing
} from '../../../../overlay/audit/policy/standing.ts'
import { chooseThird, type Third } from '../../../../overlay/audit/policy/third-node.ts'
import { drawVisit } from '../../../../overlay/audit/policy/visit.ts'
import { treeOf } from '../../../helpers/blocks.ts'

/** Small blocks, so that many make a small test. */
const tree = await treeOf(
  {
    'index.html': 'a page that everybody reads',
    ...Object.fromEntries(
      Array.from({ length: 40 }, (_file, file) => [
        `files/${file}.bin`,
        Buffer.from(
          Array.from({ length: 50 }, (_at, at) => hash('sha256', `${file} ${at}`)).join('')
        )
      ])
    )
  },
  { chunk: 128 }
)
const leaves = [...tree.blocks.keys()].filter(text => CID.parse(text).code === 0x55)

/** The same numbers in each run. */
function chanceOf(seed: number): () => number {
  let state = seed

  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)

    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)

    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Trial {
  /** Whether the mirror sends this answer altered, to somebody who is not the publisher and not with it. */
  readonly alters: (cid: CID) => boolean
  readonly candidates: readonly Third[]
  /** Who works with the mirror. */
  readonly isWarned: (party: string | undefined) => boolean
}

/** Challenges until the first wrong answer, by the rules of the node. */
async function challengesUntilFound(trial: Trial, random: () => number): Promise<number> {
  let standing: Standing = NEW_STANDING

  for (let at = 0; standing.state !== 'dropped'; at += 1) {
    const third = chooseThird(trial.candidates, 'mirror', random)
    const cids = await drawVisit(tree.root, async cid => tree.block(cid), random)
    const lies = trial.isWarned(third?.party) ? -1 : cids.findIndex(cid => trial.alters(cid))

    standing = judge(standing, resultOf(at, third, cids.length, lies))
  }

  return standing.challenges
}

function resultOf(at: number, third: Third | undefined, count: number, lies: number): AuditResult {
  return {
    at,
    through: third?.party,
    trust: third?.trust ?? 3,
    challenges: lies < 0 ? count : lies + 1,
    outcome: lies < 0 ? 'right' : 'lied'
  }
}

async function meanOf(
  trials: number,
  seed: number,
  trialOf: (random: () => number) => Trial
): Promise<number> {
  const random = chanceOf(seed)
  let sum = 0

  for (let trial = 0; trial < trials; trial += 1) {
    sum += await challengesUntilFound(trialOf(random), random)
  }

  return sum / trials
}

const STRANGERS: readonly Third[] = Array.from({ length: 20 }, (_, index) => ({
  party: `third ${index}`,
  trust: 0
}))

/** Four times the standard error of the mean of a geometric variable, whose deviation is its mean. */
function tolerance(expected: number, trials: number): number {
  return (4 * expected) / Math.sqrt(trials)
}

const CASES = [
  [1, 50],
  [0.1, 200],
  [0.01, 120],
  [0.001, 30]
] as const

for (const [share, trials] of CASES) {
  test(`a mirror that alters ${share} of its answers is caught in about ${1 / share} challenges`, async t => {
    const expected = expectedChallenges(share)
    const mean = await meanOf(trials, 7, random => ({
      alters: () => random() < share,
      candidates: STRANGERS,
      isWarned: () => false
    }))

    t.log(`${mean.toFixed(2)} challenges, ${expected.toFixed(2)} by arithmetic, ${trials} trials`)
    t.true(Math.abs(mean - expected) <= tolerance(expected, trials))
  })
}

test('one that lies to others than the publisher is caught as soon, but for the audits that are the publisher’s own', async t => {
  const trials = 200
  // One audit in eight is.
  const expected = expectedChallenges(0.1, 1 / 8)
  const mean = await meanOf(trials, 8, random => ({
    alters: () => random() < 0.1,
    candidates: STRANGERS,
    isWarned: party => party == null
  }))

  t.log(`${mean.toFixed(2)} challenges, ${expected.toFixed(2)} by arithmetic`)
  t.true(Math.abs(mean - expected) <= tolerance(expected, trials) + 3)
})

test('where half of the third nodes warn it, it takes twice as long', async t => {
  const trials = 200
  const expected = expectedChallenges(0.1, 1 - (7 / 8) * 0.5)
  const mean = await meanOf(trials, 9, random => ({
    alters: () => random() < 0.1,
    candidates: STRANGERS,
    isWarned: party => party == null || Number(party.slice(6)) < 10
  }))

  t.log(`${mean.toFixed(2)} challenges, ${expected.toFixed(2)} by arithmetic`)
  t.true(Math.abs(mean - expected) <= tolerance(expected, trials) + 3)
})

test('one that altered the same hundredth of the blocks for everybody is caught as soon', async t => {
  const trials = 60
  const bad = new Set(leaves.filter((_, index) => index % 100 === 50))
  const share = bad.size / leaves.length
  const expected = expectedChallenges(share)
  const mean = await meanOf(trials, 10, () => ({
    alters: cid => bad.has(cid.toString()),
    candidates: STRANGERS,
    isWarned: () => false
  }))

  t.log(`${mean.toFixed(1)} challenges, ${expected.toFixed(1)} by arithmetic`)
  // Nodes of the tree are asked for, too, and runs go on where they began: about half as many again.
  t.true(mean < 2.5 * expected)
})

test('the page that everybody reads is asked for far more often than its share of the bytes', async t => {
  const page = (await treeOf({ 'index.html': 'a page that everybody reads' })).blocks
  const index = [...page.keys()].find(text => CID.parse(text).code === 0x55) ?? ''
  const mean = await meanOf(100, 11, () => ({
    alters: cid => cid.toString() === index,
    candidates: [],
    isWarned: () => false
  }))

  t.log(`${mean.toFixed(1)} challenges; by bytes alone it would take ${leaves.length}`)
  t.true(mean < 40)
})

test('what is asked for is of the tree, in the order of a reader, and bounded', async t => {
  const random = chanceOf(1)
  let whole = 0

  for (let trial = 0; trial < 500; trial += 1) {
    const visit = await drawVisit(tree.root, async cid => tree.block(cid), random)

    t.true(visit.length >= 1 && visit.length <= 16)
    t.true(visit.every(cid => tree.blocks.has(cid.toString())))
    whole += visit[0]?.equals(tree.root) === true ? 1 : 0
  }
  t.true(whole > 200 && whole < 300, `${whole} of 500 began at the root`)
})

test('an empty site is asked for its root', async t => {
  const empty = await treeOf({ a: '' })

  t.true(
    (
      await drawVisit(
        empty.root,
        async cid => empty.block(cid),
        () => 0.4
      )
    ).length > 0
  )
  t.deepEqual(
    await drawVisit(
      tree.root,
      async () => undefined,
      () => 0.9
    ),
    [tree.root]
  )
})

test('nine in ten liars are found out by the number that arithmetic gives', t => {
  t.is(Math.round(challengesFor(0.9, 0.01)), 229)
  t.is(Math.round(challengesFor(0.9, 0.001)), 2301)
})
