import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { ended, launch, makeHome, plexnet } from '../../cli/run.ts'

const SMALL = ['--nodes', '200', '--set', 'lookups=50', '--reps', '2']

test('list names each scenario with its parameters and defaults', async t => {
  const { code, stdout } = await plexnet(await makeHome(t), ['simulate', 'list'])

  t.is(code, 0)
  t.regex(stdout, /^churn$/m)
  t.regex(stdout, /session\.shape +shape of the Weibull distribution \(0\.615\)/)
})

test('a run prints its figures with their intervals, and where the report is', async t => {
  const home = await makeHome(t)
  const out = join(home, 'out')
  const { code, stdout } = await plexnet(home, [
    'simulate',
    'run',
    'lookup-scale',
    ...SMALL,
    '--out',
    out
  ])

  t.is(code, 0)
  t.regex(stdout, /Hops +\d\.\d+ ± /)
  t.true(stdout.includes(`${out}/report.html`))

  const replayed = await plexnet(home, [
    'simulate',
    'replay',
    join(out, 'manifest.json'),
    '--seed',
    '2'
  ])

  t.is(replayed.code, 0)
  t.regex(replayed.stdout, /^Seed 2, .*trace [0-9a-f]{16}\.$/m)
})

for (const [argv, code, complaint] of [
  [['run', 'lookup'], 2, /there is no scenario lookup/],
  [['run', 'lookup-scale', '--set', 'k=many'], 2, /k takes a whole number/],
  [['run', 'lookup-scale', '--set', 'k'], 2, /name=value/],
  [['run', 'lookup-scale', '--reps', '0'], 2, /--reps takes a whole number from 1 on/],
  [['run', 'lookup-scale', '--out', '.'], 3, /exists/],
  [['replay', 'no-such-file.json'], 2, /cannot be read/],
  [['replay', 'x.json', '--until', 'noon'], 2, /--until takes a duration/],
  [['compare', 'one', 'other'], 2, /cannot be read/],
  [['validate', 'hop'], 2, /did you mean hops/],
  [['validate', 'lru', '--data', 'no-such-folder'], 2, /--data/],
  [['sweep', 'lookup-scale'], 2, /--vary/]
] as const) {
  test(`simulate ${argv.join(' ')} ends with code ${code}`, async t => {
    const answer = await plexnet(await makeHome(t), ['simulate', ...argv])

    t.is(answer.code, code)
    t.regex(answer.stderr, complaint)
  })
}

test('Ctrl-C writes what there is', async t => {
  const home = await makeHome(t)
  const out = join(home, 'out')
  const child = launch(home, [
    'simulate',
    'run',
    'lookup-scale',
    '--nodes',
    '500',
    '--set',
    'lookups=2000000',
    '--out',
    out
  ])

  t.teardown(() => child.kill('SIGKILL'))
  // A line in a pipe comes every few seconds: the run is under way.
  if (child.stderr != null) await once(child.stderr, 'data')
  child.kill('SIGINT')

  const { code, stdout } = await ended(child)
  const manifest: { interrupted: boolean } = JSON.parse(
    await readFile(join(out, 'manifest.json'), 'utf8')
  )

  t.is(code, 0)
  t.regex(stdout, /Broken off/)
  t.true(manifest.interrupted)
})

test('a validation prints published and ours', async t => {
  const { code, stdout } = await plexnet(await makeHome(t), [
    'simulate',
    'validate',
    'hole-punching',
    '--quick'
  ])

  t.is(code, 0)
  t.regex(stdout, /met +attempts that succeed/)
  t.regex(stdout, /published 70\.0 %; ours (69|70)\.\d %/)
})

test('a validation that is broken off reports what it has got', async t => {
  const home = await makeHome(t)
  const out = join(home, 'out')
  // Up to a million nodes take `hops` minutes, and the other is done at once.
  const argv = ['validate', 'hops', 'hole-punching', '--jobs', '2', '--out', out]
  const child = launch(home, ['simulate', ...argv])

  t.teardown(() => child.kill('SIGKILL'))

  const end = ended(child)

  if (child.stdout != null) await once(child.stdout, 'data')
  child.kill('SIGINT')

  const { code, stdout } = await end
  const summary: { interrupted: boolean; validations: { name: string }[] } = JSON.parse(
    await readFile(join(out, 'summary.json'), 'utf8')
  )

  t.is(code, 0)
  t.regex(stdout, /Broken off/)
  t.true(summary.interrupted)
  t.deepEqual(
    summary.validations.map(({ name }) => name),
    ['hole-punching']
  )
})
