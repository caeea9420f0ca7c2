import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { ADVOGATO } from '../../../simulations/validations/advogato.ts'
import { KLEINBERG } from '../../../simulations/validations/kleinberg.ts'
import { LRU } from '../../../simulations/validations/lru.ts'
import { VALIDATIONS } from '../../../simulations/validations/list.ts'
import { VIVALDI } from '../../../simulations/validations/vivaldi.ts'

// The others take longer than a test may: `plexnet simulate validate --quick` runs them all.
for (const validation of [ADVOGATO, KLEINBERG, LRU, VIVALDI]) {
  test.serial(`${validation.name} comes out as published`, async t => {
    // What was told of the one before gets out first.
    await setImmediate()

    const checks = validation.check({ isQuick: true, data: {} })

    t.true(checks.length > 0)
    t.deepEqual(
      checks.filter(({ verdict }) => verdict === 'missed'),
      []
    )
  })
}

test('what needs a file that is not there is left out and says so', t => {
  const [check] = VIVALDI.check({ isQuick: true, data: {} })

  t.is(check?.verdict, 'left out')
  t.regex(check?.note ?? '', /planetlab/)
})

test('names of validations are unique, and each names its source and conditions', t => {
  t.is(new Set(VALIDATIONS.map(({ name }) => name)).size, VALIDATIONS.length)
  for (const { source, conditions } of VALIDATIONS) t.true(source !== '' && conditions !== '')
})
