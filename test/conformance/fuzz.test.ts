import test from 'ava'
import fc from 'fast-check'
import { attack, attempt, bytesOf, checkAlive, faultOf } from './fuzzing.ts'
import { newSite } from './site.ts'
import { Wire } from './wire.ts'

// A case takes about a millisecond; 'npm run bench fuzz' tries more of them.
const CASES = 3000
const AT_ONCE = 16

const site = newSite()

test('whatever bytes arrive, they are answered or the connection is closed, and the next request is served', async t => {
  const cases = fc.sample(attempt, { numRuns: CASES, seed: 9112 })

  for (let index = 0; index < cases.length; index += AT_ONCE) {
    await Promise.all(
      cases.slice(index, index + AT_ONCE).map(async one => {
        t.is(faultOf(await attack(site.port, one)), undefined, JSON.stringify(bytesOf(one)))
      })
    )
  }

  const wire = new Wire(site.port)

  t.teardown(() => wire.destroy())
  await t.notThrowsAsync(checkAlive(wire))
})
