import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { compareFolders } from '../../../simulations/command/compare/run.ts'
import { replay } from '../../../simulations/command/replay/run.ts'
import { runScenario, type RunOrder } from '../../../simulations/command/run/run.ts'
import { playJobs } from '../../../simulations/jobs/run.ts'
import type { Manifest } from '../../../simulations/manifest.ts'
import { runSweep } from '../../../simulations/command/sweep/run.ts'
import { writeOutput } from '../../../simulations/output/store.ts'
import { resolveValues } from '../../../simulations/parameters.ts'
import { LOOKUP_SCALE } from '../../../simulations/scenarios/lookup-scale.ts'

const ORDER: RunOrder = {
  scenario: 'lookup-scale',
  settings: { nodes: '200', lookups: '50' },
  seed: 5,
  reps: 3,
  jobs: 2,
  isQuiet: true
}

test.serial('a run writes a report, a summary, a manifest and a CSV a series', async t => {
  const out = join(await makeFolder(t), 'out')
  const { manifest, summary } = await runScenario({ ...ORDER, out })
  const html = await readFile(join(out, 'report.html'), 'utf8')
  const csv = await readFile(join(out, 'time.lookups.csv'), 'utf8')

  t.deepEqual((await readdir(out)).toSorted(), [
    'hops.lookups.csv',
    'manifest.json',
    'report.html',
    'summary.json',
    'time.lookups.csv'
  ])
  t.deepEqual(
    manifest.runs.map(({ seed }) => seed),
    [5, 6, 7]
  )
  t.is(summary.figures['found']?.count, 3)
  t.regex(html, /What this model leaves out/)
  t.regex(html, /<svg/)
  t.notRegex(html, /(src|href)=/, 'the report needs nothing from elsewhere')
  t.regex(csv, /^x,mean,low,high\r\n1,/)
  t.deepEqual(JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8')), { ...manifest })
})

test.serial('the number of workers changes nothing', async t => {
  t.deepEqual(await hashesWith(1), await hashesWith(3))
})

test.serial('a run is played again from its manifest', async t => {
  const out = join(await makeFolder(t), 'out')
  const { manifest } = await runScenario({ ...ORDER, reps: 1, out })
  const answer = await replay({ manifest: join(out, 'manifest.json') })

  t.is(answer.traceHash, manifest.runs[0]?.traceHash ?? '')
})

test.serial('a replay stops where it is told, and tells each event', async t => {
  const out = join(await makeFolder(t), 'out')

  await runScenario({ ...ORDER, reps: 1, out })

  const lines: string[] = []
  const { ended, events } = await replay({
    manifest: join(out, 'manifest.json'),
    until: 10_000_000,
    onEvent: line => lines.push(line)
  })

  t.true(ended >= 10_000_000 && ended < 12_000_000)
  t.is(lines.length, events)
  t.true(lines.some(line => line.includes('\trequest\t')))
})

for (const [what, change, complaint] of [
  [
    'another version',
    (manifest: Manifest) => ({ ...manifest, format: 'plexnet-simulation/99' }),
    /plexnet-simulation\/99/
  ],
  [
    'a changed value',
    (manifest: Manifest) => ({ ...manifest, values: { ...manifest.values, k: '8' } }),
    /was changed/
  ],
  ['missing fields', (manifest: Manifest) => ({ ...manifest, runs: undefined }), /damaged/],
  ['something else', () => [], /no manifest/]
] as const) {
  test.serial(`a manifest of ${what} is refused`, async t => {
    const folder = await makeFolder(t)
    const out = join(folder, 'out')
    const { manifest } = await runScenario({ ...ORDER, reps: 1, out })
    const file = join(folder, 'changed.json')

    await writeFile(file, JSON.stringify(change(manifest)))
    await t.throwsAsync(replay({ manifest: file }), {
      code: 'PLEXNET_SIMULATION_MANIFEST',
      message: complaint
    })
  })
}

test.serial('a trace that comes out otherwise is an error', async t => {
  const folder = await makeFolder(t)
  const out = join(folder, 'out')
  const { manifest } = await runScenario({ ...ORDER, reps: 1, out })
  const file = join(folder, 'changed.json')
  const runs = manifest.runs.map(run => ({ ...run, traceHash: '0000000000000000' }))

  await writeFile(file, JSON.stringify({ ...manifest, runs }))
  await t.throwsAsync(replay({ manifest: file }), { code: 'PLEXNET_SIMULATION_REPLAY' })
})

test.serial('results are never written over', async t => {
  const out = await makeFolder(t)

  await t.throwsAsync(runScenario({ ...ORDER, out }), { code: 'PLEXNET_SIMULATION_OUTPUT_EXISTS' })
  t.deepEqual(await readdir(out), [])
})

test.serial('what cannot be written whole leaves nothing behind', async t => {
  const folder = await makeFolder(t)

  await t.throwsAsync(
    writeOutput(join(folder, 'out'), {
      'first.txt': 'written',
      'no/such/folder.txt': 'not written'
    }),
    { code: 'PLEXNET_SIMULATION_OUTPUT', message: /nothing was left/ }
  )
  t.deepEqual(await readdir(folder), [])
})

test.serial('a folder that cannot be made is found out before the run', async t => {
  const file = join(await makeFolder(t), 'file')

  await writeFile(file, '')
  await t.throwsAsync(runScenario({ ...ORDER, out: join(file, 'out') }), {
    code: 'PLEXNET_SIMULATION_OUTPUT'
  })
})

for (const [settings, complaint] of [
  [{ alpah: '3' }, /did you mean alpha/],
  [{ timeout: '3' }, /takes a duration/],
  [{ loss: '95%' }, /loss is at most 90%/],
  [{ alpha: '30', k: '20' }, /alpha is at most k/],
  [{ 'latency.model': 'matrix' }, /go together/],
  [{ engine: 'quick' }, /one of compact, readable/],
  [{ engine: 'readable', nodes: '200000' }, /at most 100000/],
  [{ 'latency.model': 'matrix', 'latency.file': '/no/such/file' }, /cannot be read/]
] as const) {
  test.serial(`${JSON.stringify(settings)} is refused with a reason`, async t => {
    await t.throwsAsync(runScenario({ ...ORDER, settings }), {
      code: 'PLEXNET_SIMULATION_PARAMETER',
      message: complaint
    })
  })
}

test.serial('an unknown scenario is answered with the near one', async t => {
  await t.throwsAsync(runScenario({ ...ORDER, scenario: 'lokup-scale' }), {
    code: 'PLEXNET_SIMULATION_UNKNOWN',
    message: /did you mean lookup-scale/
  })
})

test.serial('a matrix file that is none is named', async t => {
  const file = join(await makeFolder(t), 'matrix.txt')

  await writeFile(file, '0 1\n1\n')
  await t.throwsAsync(
    runScenario({ ...ORDER, settings: { 'latency.model': 'matrix', 'latency.file': file } }),
    { code: 'PLEXNET_SIMULATION_MATRIX', message: /line 2/ }
  )
})

test.serial('what is broken off gives what there is', async t => {
  const controller = new AbortController()
  const values = resolveValues(LOOKUP_SCALE, { nodes: '2000', lookups: '10000000' })
  const played = await playJobs(
    [1, 2].map(seed => ({ scenario: 'lookup-scale', values, files: {}, seed })),
    { jobs: 1, signal: controller.signal, onProgress: () => controller.abort() }
  )

  t.is(played.length, 1)
  t.false(played[0]?.isComplete)
})

test.serial('a scenario is added by one file', async t => {
  const { manifest, scenario } = await runScenario({
    ...ORDER,
    scenario: join(import.meta.dirname, 'own-scenario.ts'),
    settings: { sides: '6' }
  })

  t.is(scenario.name, 'dice')
  t.is(manifest.runs.length, 3)
})

test.serial('a file without a scenario says what is missing', async t => {
  await t.throwsAsync(
    runScenario({ ...ORDER, scenario: join(import.meta.dirname, 'run.test.ts/..', 'nothing.ts') }),
    {
      code: 'PLEXNET_SIMULATION_FILE'
    }
  )
})

test.serial('two folders are compared, and differences told from chance', async t => {
  const folder = await makeFolder(t)
  const [near, far] = [join(folder, 'near'), join(folder, 'far')]

  await runScenario({ ...ORDER, reps: 5, out: near })
  await runScenario({
    ...ORDER,
    reps: 5,
    settings: { ...ORDER.settings, 'latency.mean': '1s' },
    out: far
  })

  const comparison = await compareFolders(near, far)

  t.true(comparison.find(({ figure }) => figure === 'median')?.isClear)
  t.true((await compareFolders(near, near)).every(({ isClear }) => !isClear))
  await t.throwsAsync(compareFolders(near, folder), { code: 'PLEXNET_SIMULATION_MANIFEST' })
})

test.serial('a sweep plays each combination and reports them together', async t => {
  const out = join(await makeFolder(t), 'out')
  const { points } = await runSweep({
    ...ORDER,
    vary: ['alpha=1,3', 'latency.mean=100ms,1s'],
    reps: 2,
    out
  })
  const csv = await readFile(join(out, 'figures.csv'), 'utf8')

  t.deepEqual(
    points.map(({ combination }) => combination),
    [
      { alpha: '1', 'latency.mean': '100ms' },
      { alpha: '1', 'latency.mean': '1s' },
      { alpha: '3', 'latency.mean': '100ms' },
      { alpha: '3', 'latency.mean': '1s' }
    ]
  )
  t.true(points[1]!.summary.figures['median']!.mean > points[0]!.summary.figures['median']!.mean)
  t.is(csv.split('\r\n').length, 6)
  t.deepEqual((await readdir(out)).toSorted(), ['figures.csv', 'report.html', 'summary.json'])
})

for (const [vary, complaint] of [
  ['alpha', /not of the form/],
  ['alpha=1,', /not of the form/],
  ['alpha=1,none', /alpha takes a whole number/],
  [`seeds=${'1,'.repeat(1001)}1`, /1002 combinations/]
] as const) {
  test.serial(`a sweep of ${vary.slice(0, 20)} is refused before anything is played`, async t => {
    await t.throwsAsync(runSweep({ ...ORDER, vary: [vary] }), {
      code: 'PLEXNET_SIMULATION_PARAMETER',
      message: complaint
    })
  })
}

async function hashesWith(jobs: number): Promise<string[]> {
  const { manifest } = await runScenario({ ...ORDER, jobs })

  return manifest.runs.map(({ traceHash }) => traceHash)
}

async function makeFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plexnet-simulation-'))

  t.teardown(async () => rm(folder, { recursive: true, force: true }))

  return folder
}
