import test from 'ava'
import { explainChoice, type Subject } from '../../../../../overlay/content/fetch/choice/explain.ts'

function subject(id: string, parts: Partial<Subject['evidence']> = {}): Subject {
  return {
    kind: 'node',
    failures: 0,
    restedAt: 0,
    evidence: { id, reliability: 1, lies: 0, ...parts }
  }
}

test('each source is told with its reason, those that are asked first', t => {
  const choices = explainChoice(
    [
      { ...subject('liar'), exclusion: 'sent other bytes than those that were signed' },
      { ...subject('off', { roundTrip: 5 }), failures: 3, restedAt: 3500 },
      subject('far', { latency: 150, rate: 2000, roundTrip: 148 }),
      subject('near', { latency: 6, rate: 20_000, roundTrip: 5, trust: 2 }),
      subject('nearer', { claimedRoundTrip: 1 })
    ],
    1000
  )

  t.deepEqual(
    choices.map(({ source, state, isUsed }) => [source, state, isUsed]),
    [
      ['near', 'first', true],
      ['far', 'spare', false],
      ['nearer', 'trial', true],
      ['off', 'resting', false],
      ['liar', 'excluded', false]
    ]
  )
  t.like(choices[0], { roundTrip: 5, isMeasured: true, throughput: 20_000_000, trust: 2 })
  t.like(choices[2], { roundTrip: 1, isMeasured: false, throughput: undefined })
  t.regex(choices[0]?.reason ?? '', /19 ms a block, 6 ms of it until the first byte/)
  t.is(choices[3]?.reason, 'It failed 3 times in a row and is asked again in 3 s.')
  t.regex(choices[4]?.reason ?? '', /sent other bytes than those that were signed/)
})

test('where there is nobody, nobody is told of', t => {
  t.deepEqual(explainChoice([], 0), [])
})
