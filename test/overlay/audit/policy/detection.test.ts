/** A mirror that lies is found out by the rules of the node, as soon as arithmetic says (C15). */
import test from 'ava'
import { CID } from 'multiformats/cid'
import { challengesFor, expectedChallenges } from '../../../../overlay/audit/policy/expected.ts'
import { drawVisit } from '../../../../overlay/audit/policy/visit.ts'
import { chanceOf, leaves, meanOf, STRANGERS, tree } from '../../../helpers/audit-trials.ts'
import { treeOf } from '../../../helpers/blocks.ts'

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
