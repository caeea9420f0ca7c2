import test from 'ava'
import { gapAfter } from '../../../../overlay/audit/policy/gap.ts'
import {
  judge,
  NEW_STANDING,
  STRIKES,
  type AuditResult,
  type Outcome,
  type Standing
} from '../../../../overlay/audit/policy/standing.ts'
import { chooseThird } from '../../../../overlay/audit/policy/third-node.ts'

const MEAN_GAP = 600_000

function result(outcome: Outcome, changes: Partial<AuditResult> = {}): AuditResult {
  return { at: 0, trust: 0, challenges: 3, outcome, ...changes }
}

function gap(changes: Partial<Standing>): number {
  return gapAfter(MEAN_GAP, { ...NEW_STANDING, ...changes })
}

function after(...results: readonly AuditResult[]): Standing {
  return results.reduce(judge, NEW_STANDING)
}

test('a mirror that passes is sound, and what was compared is counted', t => {
  const standing = after(result('right'), result('right'))

  t.is(standing.state, 'sound')
  t.is(standing.passed, 2)
  t.is(standing.challenges, 6)
})

// C10: at once.
test('a signed lie drops a mirror at once, whoever brings it', t => {
  const standing = after(result('right'), result('lied', { through: 'anybody' }))

  t.is(standing.state, 'dropped')
})

test('what the node sees itself needs no proof', t => {
  t.is(after(result('wrong')).state, 'dropped')
})

test('the word of one third node makes a mirror doubtful, that of two trusted ones drops it', t => {
  const one = result('wrong', { through: 'a', trust: 2 })
  const two = result('wrong', { through: 'b', trust: 1 })

  t.is(after(one).state, 'doubtful')
  t.is(after(one, one, one, one).state, 'doubtful')
  t.is(after(one, two).state, 'dropped')
})

test('it takes six strangers', t => {
  const words = ['a', 'b', 'c', 'd', 'e', 'f'].map(through => result('wrong', { through }))

  t.is(after(...words.slice(0, 5)).state, 'doubtful')
  t.is(after(...words).state, 'dropped')
})

test('whoever accused it is not forgotten while others get what they asked for', t => {
  const standing = after(
    result('wrong', { through: 'a', trust: 1 }),
    ...Array.from({ length: 50 }, () => result('right')),
    result('wrong', { through: 'b', trust: 1 })
  )

  t.is(standing.state, 'dropped')
})

for (const outcome of ['stale', 'absent', 'failed', 'stalled', 'unsigned'] as const) {
  test(`a mirror that is ${outcome} may pass ${STRIKES - 1} times, not ${STRIKES}`, t => {
    const strikes = Array.from({ length: STRIKES }, () => result(outcome))

    t.is(after(...strikes.slice(1)).state, 'doubtful')
    t.is(after(...strikes.slice(1), result('right'), ...strikes.slice(1)).state, 'doubtful')
    t.is(after(...strikes).state, 'dropped')
    t.truthy(after(...strikes).reason)
  })
}

test('a mirror that lied stays dropped; one that was only away is back when it is', t => {
  const away = Array.from({ length: STRIKES }, () => result('failed'))

  t.is(after(result('lied'), result('right')).state, 'dropped')
  t.is(after(result('wrong'), result('right')).state, 'dropped')
  t.is(after(...away, result('failed')).state, 'dropped')
  t.is(after(...away, result('right')).state, 'sound')
  t.is(after(...away, result('lied'), result('right')).state, 'dropped')
})

test('a third node whose own line is down drops nobody', t => {
  const down = Array.from({ length: 20 }, () => result('failed', { through: 'a', trust: 3 }))

  t.is(after(...down).state, 'doubtful')
  t.is(after(...down, result('failed', { through: 'b' })).state, 'dropped')
  t.is(after(...down, result('failed')).state, 'dropped')
})

test('accusers are bounded', t => {
  const standing = Array.from({ length: 4 }, (_, index) =>
    result('wrong', { through: `n${index}` })
  ).reduce(judge, { ...NEW_STANDING, accusers: {} })

  t.is(Object.keys(standing.accusers).length, 4)
})

test('a mirror that has proved itself is asked less often, but never too seldom; a doubtful one more often', t => {
  t.is(gap({}), MEAN_GAP)
  t.is(gap({ passed: 100 }), 2 * MEAN_GAP)
  t.is(gap({ passed: 1_000_000 }), 4 * MEAN_GAP)
  t.is(gap({ passed: 100, strikers: ['self'] }), MEAN_GAP / 4)
  t.is(gap({ state: 'dropped' }), 86_400_000)
})

test('third nodes are drawn, the mirror itself never, and sometimes nobody', t => {
  const candidates = [
    { party: 'friend', trust: 2 },
    { party: 'stranger', trust: 0 },
    { party: 'mirror', trust: 3 }
  ]
  const drawn = (...numbers: number[]): string | undefined =>
    chooseThird(candidates, 'mirror', () => numbers.shift() ?? 0)?.party

  t.is(drawn(0.5, 0), 'friend')
  t.is(drawn(0.5, 0.79), 'friend')
  t.is(drawn(0.5, 0.81), 'stranger')
  t.is(drawn(0.1), undefined)
  t.is(
    chooseThird([], 'mirror', () => 0.9),
    undefined
  )
})
