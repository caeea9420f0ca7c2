import test from 'ava'
import { stalenessFields } from '../../../http-gateway/verified/representation.ts'

test('an answer tells how old its publisher’s word is once that is older than is fresh, in whole seconds (A50)', t => {
  t.deepEqual(stalenessFields(10_000, 10_999, 1000), [])
  t.deepEqual(stalenessFields(10_000, 11_000, 1000), ['Age', '1', 'Plexnet-Stale', '?1;age=1'])
  t.deepEqual(stalenessFields(10_000, 73_999, 1000), ['Age', '63', 'Plexnet-Stale', '?1;age=63'])
})
