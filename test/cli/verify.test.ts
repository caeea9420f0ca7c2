import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { directoriesOf } from '../../config.ts'
import {
  startControl,
  type ControlledNode,
  type SourceReport,
  type VerifyEvent,
  type VerifyReport
} from '../../http-gateway/control/index.ts'
import { NoSiteRecordError } from '../../http-gateway/errors.ts'
import { parseAddress } from '../../identity/index.ts'
import { fakeNode } from '../http-gateway/control/fake-node.ts'
import { silent } from '../http-gateway/control/helpers.ts'
import { launch, makeHome, plexnet } from './run.ts'

const ADDRESS = `6409808a-3548-11db-a2fd-0016cb90e4dc.${'a'.repeat(26)}`
const RIGHT: SourceReport = {
  id: ADDRESS,
  kind: 'node',
  state: 'complete',
  seq: 7,
  blocks: { right: 4, wrong: 0, absent: 0, failed: 0, skipped: 0 },
  bytes: 700_000,
  faults: []
}
const WRONG: SourceReport = {
  id: 'https://mirror.example/',
  kind: 'web',
  state: 'wrong',
  blocks: { right: 2, wrong: 1, absent: 1, failed: 0, skipped: 0 },
  bytes: 300_000,
  faults: [
    {
      kind: 'wrong',
      path: '/big\u001B[2J.bin',
      offset: 262_144,
      cid: 'bafkrei',
      reason: 'gave 262144 bytes that are not those which were signed'
    }
  ]
}

function reportOf(changes: Partial<VerifyReport> = {}): VerifyReport {
  return {
    event: 'report',
    address: ADDRESS,
    seq: 7,
    root: 'bafybei',
    issued: 0,
    expires: 86_400_000,
    confirmed: 3_600_000,
    files: 2,
    blocks: 4,
    bytes: 700_000,
    sources: [RIGHT],
    missing: { count: 0, some: [] },
    ...changes
  }
}

async function homeOf(t: ExecutionContext, verify: ControlledNode['verify']): Promise<string> {
  const home = await makeHome(t)
  const socketPath = directoriesOf({}, home).controlSocket
  const control = await startControl(fakeNode({ verify }), { socketPath, logger: silent })

  t.teardown(async () => control.close())

  return home
}

async function* giving(report: VerifyReport): AsyncGenerator<VerifyEvent> {
  yield { event: 'progress', path: '/a', files: 1, blocks: 1, bytes: 1 }
  yield report
}

test('a site that is right everywhere is told as a table, and exits with 0', async t => {
  const home = await homeOf(t, () => giving(reportOf()))
  const { code, stdout, stderr } = await plexnet(home, ['verify', ADDRESS])

  t.is(code, 0)
  t.is(stderr, '')
  t.deepEqual(stdout.split('\n'), [
    `Site       ${ADDRESS}`,
    'Record     number 7, signed 1970-01-01 00:00 UTC, until 1970-01-02 00:00 UTC',
    'Publisher  last stood by it 1970-01-01 01:00 UTC',
    'Tree       bafybei',
    'Contents   2 files, 4 blocks, 683.6 KiB',
    '',
    `${'Source'.padEnd(ADDRESS.length)}  Kind  State     Record  Right  Wrong  Absent  Failed  Not asked`,
    `${ADDRESS}  node  complete       7      4      0       0       0          0`,
    '',
    'All right: every block is to be had, and 1 of 1 sources have all that they were asked for.',
    ''
  ])
})

test('a source with other bytes is named with the place, and exits with 6', async t => {
  const home = await homeOf(t, () => giving(reportOf({ sources: [RIGHT, WRONG] })))
  const { code, stdout, stderr } = await plexnet(home, ['verify', ADDRESS])

  t.is(code, 6)
  t.true(stdout.includes('https://mirror.example/: wrong, /big [2J.bin at 262144'))
  t.regex(stderr, /other bytes than its publisher signed are at https:\/\/mirror\.example\//)
})

test('blocks that nobody has are named, and exit with 5', async t => {
  const missing = {
    count: 1,
    some: [{ kind: 'absent', path: '/a', cid: 'bafkrei', reason: 'no source has it' }] as const
  }
  const home = await homeOf(t, () => giving(reportOf({ missing })))
  const { code, stdout } = await plexnet(home, ['verify', ADDRESS])

  t.is(code, 5)
  t.true(stdout.includes('nobody has: absent, the list of /a: no source has it (bafkrei)'))
})

test('with --json the report is one value', async t => {
  const home = await homeOf(t, () => giving(reportOf()))
  const { code, stdout } = await plexnet(home, ['verify', ADDRESS, '--json'])

  t.is(code, 0)
  t.deepEqual(JSON.parse(stdout), reportOf())
})

test('a node without a signed list of files exits with 4; sources reach the node', async t => {
  const asked: unknown[] = []
  const home = await homeOf(t, (address, options) => {
    asked.push(address, options?.sources)
    throw new NoSiteRecordError(parseAddress(address))
  })
  const source = 'gateway+https://ipfs.example/'
  const { code, stderr } = await plexnet(home, ['verify', ADDRESS, '--source', source])

  t.is(code, 4)
  t.regex(stderr, /^plexnet: No signed list of files is known/)
  t.deepEqual(asked, [ADDRESS, [source]])
})

test('a command that is broken off ends the comparison', async t => {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const home = await homeOf(t, async function* (_, options) {
    yield { event: 'progress', path: '/a', files: 1, blocks: 1, bytes: 1 }
    begun.resolve()
    if (options?.signal != null) await once(options.signal, 'abort')
    ended.resolve()
  })
  const child = launch(home, ['verify', ADDRESS])

  await begun.promise
  child.kill('SIGINT')
  await t.notThrowsAsync(ended.promise)
})
