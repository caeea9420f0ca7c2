import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { MUTANTS } from '../../../simulations/chaos/surroundings.ts'
import { FAULTS } from '../../../simulations/chaos/faults.ts'
import { replay } from '../../../simulations/command/replay/run.ts'
import { runScenario } from '../../../simulations/command/run/run.ts'
import { resolveValues } from '../../../simulations/parameters.ts'
import type { Run } from '../../../simulations/scenario.ts'
import { CHAOS } from '../../../simulations/scenarios/chaos.ts'
import { playToEnd } from './play-small.ts'

const SEEDS = [1, 2, 3, 4]
const QUIET = Object.fromEntries(FAULTS.map(fault => [fault, 'off']))

/** What a run says is broken when a rule is left out. */
const COMPLAINTS = {
  disk: /said that it has record \d+ of site \d, and has \d+ on its disk/,
  check: /shows other bytes than version/,
  order: /shows version \d+ of site \d after version/,
  bound: /reads are under way|writes wait/
} as const

async function play(seed: number, settings: Record<string, string> = {}): Promise<Run> {
  const run = CHAOS.begin({ seed, values: resolveValues(CHAOS, settings), files: {} })

  await playToEnd(run)

  return run
}

test.serial('the same seed brings the same faults and the same trace', async t => {
  const [one, again, other] = [await play(1), await play(1), await play(2)]

  t.is(one.trace.hash, again.trace.hash)
  t.is(one.trace.events, again.trace.events)
  t.not(one.trace.hash, other.trace.hash)
})

test.serial(
  'whatever fails, nothing happens that must not, and afterwards everybody has the newest version',
  async t => {
    for (const seed of SEEDS) {
      const run = await play(seed)
      const { figures } = run.outcome()

      t.is(run.violation, undefined, `seed ${seed}`)
      t.is(figures['healed'], 100)
      t.true(figures['delivered']! < 100 && figures['wrong']! > 0 && figures['forged']! > 0)
    }
  }
)

test.serial('without faults every read delivers, and none delivers anything wrong', async t => {
  const { figures } = (await play(1, QUIET)).outcome()

  t.is(figures['faults'], 0)
  t.is(figures['wrong'], 0)
  t.true(figures['delivered']! > 99)
})

for (const without of MUTANTS.filter(mutant => mutant !== 'nothing')) {
  test.serial(`a node without the rule of ${without} is found out`, async t => {
    const runs = await Promise.all(SEEDS.map(async seed => play(seed, { without })))
    const found = runs.find(({ violation }) => violation != null)

    t.regex(found?.violation?.message ?? '', COMPLAINTS[without])
    t.is(found?.now, found?.violation?.time, 'the run stops there')
  })
}

test.serial('the failing seed is told, and a replay stops at the same moment', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'plexnet-chaos-'))
  const out = join(folder, 'out')

  t.teardown(async () => rm(folder, { recursive: true, force: true }))

  const error = await t.throwsAsync(
    runScenario({
      scenario: 'chaos',
      settings: { without: 'check' },
      seed: 1,
      reps: 1,
      jobs: 1,
      out,
      isQuiet: true
    }),
    { code: 'PLEXNET_SIMULATION_INVARIANT', message: /^seed 1 of chaos: node \d+ shows other/ }
  )
  const { seed, ended, violation } = await replay({ manifest: join(out, 'manifest.json') })

  t.is(seed, 1)
  t.is(ended, violation?.time ?? Number.NaN)
  t.true(error.message.includes(`at ${ended} µs`))
  t.true(error.message.includes(violation?.message ?? 'nothing'))
})

for (const [settings, complaint] of [
  [{ nodes: '3', sites: '3' }, /sites are fewer than nodes/],
  [{ nodes: '5', holders: '5' }, /holders are fewer than nodes/],
  [{ without: 'nothin' }, /one of nothing, disk/]
] as const) {
  test(`${JSON.stringify(settings)} is refused`, t => {
    t.throws(() => resolveValues(CHAOS, settings), {
      code: 'PLEXNET_SIMULATION_PARAMETER',
      message: complaint
    })
  })
}
