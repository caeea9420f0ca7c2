/** Real nodes, as few as can be: what larger networks do is for a quiet machine. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { DisagreementError, ParameterError } from '../../../simulations/errors.ts'
import { runReal } from '../../../simulations/index.ts'
import type { Agreement } from '../../../simulations/real/agreement.ts'

const SMALL = { nodes: '8', k: '8', lookups: '12' }

test.serial('real nodes look up as the model says, and the report shows both', async t => {
  const out = await outputFolder(t)
  const { agreements } = await run('lookup-scale', SMALL, { out })
  const report = await readFile(join(out, 'report.html'), 'utf8')

  t.deepEqual(
    agreements.map(({ figure }) => figure),
    ['found', 'hops', 'requests', 'contacts']
  )
  t.true(agreements.every(({ isMet }) => isMet))
  // All of the k nearest that a node knows are asked: the seven others.
  t.is(agreements.find(({ figure }) => figure === 'requests')?.model.mean, 7)
  t.regex(report, /May differ by/)
  t.regex(report, /What real nodes leave out/)
})

test.serial('records are put and found on real nodes that come and go', async t => {
  const { agreements } = await run('publish-find', {
    nodes: '8',
    records: '2',
    duration: '1h',
    'find.interval': '10m'
  })

  t.true(agreements.some(({ figure }) => figure === 'copies'))
})

test.serial('a model by other rules than the real nodes is told apart from them', async t => {
  const out = await outputFolder(t)
  const compared: Agreement[] = []

  await t.throwsAsync(
    run('lookup-scale', { ...SMALL, rules: 'textbook', alpha: '2' }, { out, compared }),
    { instanceOf: DisagreementError, message: /requests/ }
  )
  t.true(compared.some(({ figure, isMet }) => figure === 'requests' && !isMet))
  t.regex(await readFile(join(out, 'report.html'), 'utf8'), /differ by more than they may/)
})

test('what real nodes cannot do is refused before any is started', async t => {
  for (const [scenario, settings, message] of [
    ['churn', {}, /churn is not played on real nodes/],
    ['lookup-scale', { nodes: '101' }, /at most 100/],
    ['lookup-scale', { loss: '1%' }, /lose no messages/],
    ['publish-find', { holders: 'forgotten' }, /holders is kept/]
  ] as const) {
    await t.throwsAsync(run(scenario, settings), { instanceOf: ParameterError, message })
  }
})

async function run(
  scenario: string,
  settings: Record<string, string>,
  { out, compared = [] }: { out?: string; compared?: Agreement[] } = {}
): ReturnType<typeof runReal> {
  return runReal({
    scenario,
    settings,
    seed: 1,
    reps: 4,
    jobs: 1,
    isQuiet: true,
    onCompared: (_, agreements) => compared.push(...agreements),
    ...(out == null ? {} : { out })
  })
}

async function outputFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plexnet-real-test-'))

  t.teardown(async () => rm(folder, { recursive: true, force: true }))

  return join(folder, 'results')
}
