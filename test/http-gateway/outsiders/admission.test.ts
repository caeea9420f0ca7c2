import test from 'ava'
import fc from 'fast-check'
import { Admission } from '../../../http-gateway/outsiders/admission.ts'

const NONE = { sourceRequests: 0, sourceRate: 0, requests: 0, requestRate: 0 }

test('one source has so many requests at a time, and others are not held up by it (C14)', t => {
  const admission = new Admission({ ...NONE, sourceRequests: 2 }, 0)

  t.is(admission.enter('a', 0), undefined)
  t.is(admission.enter('a', 0), undefined)
  t.is(admission.enter('a', 0)?.by, 'source')
  t.is(admission.enter('b', 0), undefined)
  admission.leave('a')
  t.is(admission.enter('a', 0), undefined)
})

test('all outsiders together have so many requests at a time, whatever their addresses (C14)', t => {
  const admission = new Admission({ ...NONE, requests: 3 }, 0)
  const refused = Array.from({ length: 10 }, (_, index) => admission.enter(String(index), 0))

  t.is(refused.filter(refusal => refusal === undefined).length, 3)
  t.deepEqual(new Set(refused.slice(3).map(refusal => refusal?.by)), new Set(['outsiders']))
})

test('whenever requests come, a source gets no more than its rate and one burst, and all no more than theirs', t => {
  const steps = fc.array(
    fc.record({ source: fc.constantFrom('a', 'b', 'c'), passed: fc.integer({ max: 300, min: 0 }) }),
    { maxLength: 300 }
  )

  fc.assert(
    fc.property(steps, asked => {
      const admission = new Admission({ ...NONE, sourceRate: 5, requestRate: 8 }, 0)
      const counts = new Map<string, number>()
      let now = 0

      for (const { source, passed } of asked) {
        now += passed
        if (admission.enter(source, now) !== undefined) continue
        admission.leave(source)
        counts.set(source, (counts.get(source) ?? 0) + 1)
        t.true((counts.get(source) ?? 0) <= (now / 1000) * 5 + 20)
        t.true([...counts.values()].reduce((a, b) => a + b, 0) <= (now / 1000) * 8 + 32)
      }
    })
  )
})

test('who is refused and waits as long as it is told to is answered', t => {
  const admission = new Admission({ ...NONE, sourceRate: 1 }, 0)
  let refusal = admission.enter('a', 0)

  while (refusal === undefined) refusal = admission.enter('a', 0)

  t.is(admission.enter('a', refusal.retryAfter), undefined)
})

test('a source that was refused is not counted, and nothing is kept of those that are done', t => {
  const admission = new Admission({ ...NONE, sourceRequests: 1 }, 0)

  for (let turn = 0; turn < 5; turn += 1) admission.enter('a', 0)
  t.is(admission.underway, 1)
  admission.leave('a')
  t.is(admission.underway, 0)
})
