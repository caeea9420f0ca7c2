import { once } from 'node:events'
import { watch } from 'node:fs'
import { readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parseMetrics } from '../http-gateway/metrics/text-format.ts'
import { makeHome, plexnet, startNode } from './run.ts'

/** Waits until a file of a folder holds the text. */
async function untilHolds(
  t: ExecutionContext,
  folder: string,
  name: string,
  text: string
): Promise<void> {
  const watcher = watch(folder)

  t.teardown(() => watcher.close())

  for (;;) {
    const changed = once(watcher, 'change')
    const content = await readFile(join(folder, name), 'utf8').catch(() => '')

    if (content.includes(text)) return

    await changed
  }
}

test('logrotate moves the access log away, signals, and the node goes on in a new file', async t => {
  const home = await makeHome(t)
  const log = join(home, 'access.log')
  const { child, ready } = await startNode(t, home, [
    '--access-log',
    log,
    '--set',
    'access_log.flush_interval=10'
  ])
  const [origin = ''] = ready['http'] as string[]

  await fetch(`${origin}/before`)
  await untilHolds(t, home, 'access.log', 'GET /before')
  await rename(log, `${log}.1`)
  await fetch(`${origin}/between`)
  await untilHolds(t, home, 'access.log.1', 'GET /between')

  const made = untilHolds(t, home, 'access.log', 'GET /after')
  const reopened = (async () => {
    const watcher = watch(home)

    t.teardown(() => watcher.close())

    while ((await stat(log).catch(() => undefined)) === undefined) {
      await once(watcher, 'change')
    }
  })()

  child.kill('SIGHUP')
  await reopened
  await fetch(`${origin}/after`)
  await made
  t.notRegex(await readFile(`${log}.1`, 'utf8'), /after/)
  t.is((await stat(log)).mode & 0o777, 0o640)
})

test('plexnet metrics prints the figures of the running node', async t => {
  const home = await makeHome(t)
  const { ready } = await startNode(t, home)
  const [origin = ''] = ready['http'] as string[]

  await (await fetch(`${origin}/`)).text()

  const { code, stdout } = await plexnet(home, ['metrics'])
  const json = await plexnet(home, ['metrics', '--json'])

  t.is(code, 0)
  t.is(parseMetrics(stdout).get('plexnet_http_requests_total')?.samples[0]?.labels['status'], '4xx')
  t.regex(JSON.parse(json.stdout).text, /^# HELP plexnet_info /)
})

test('an access log that cannot be opened is a fault of the configuration', async t => {
  const home = await makeHome(t)
  const { code, stderr } = await plexnet(home, [
    'start',
    '--http-port',
    '0',
    '--https-port',
    '0',
    '--p2p-port',
    '0',
    '--local-only',
    '--access-log',
    '/nowhere/access.log'
  ])

  t.is(code, 3)
  t.regex(stderr, /\/nowhere\/access\.log \(access_log\.file\) cannot be opened: ENOENT/)
})

const WRONG: [string, number, RegExp][] = [
  [
    'gateway.hot_byts=1',
    3,
    /--set gateway\.hot_byts: unknown setting gateway\.hot_byts; did you mean gateway\.hot_bytes\?/
  ],
  ['gateway.hot_bytes=lots', 3, /--set gateway\.hot_bytes: .*"lots" is not allowed/],
  ['hot_bytes', 2, /--set hot_bytes is not of the form section\.key=value/]
]

for (const [setting, expected, message] of WRONG) {
  test(`plexnet start --set ${setting} says what is wrong`, async t => {
    const { code, stderr } = await plexnet(await makeHome(t), ['start', '--set', setting])

    t.is(code, expected)
    t.regex(stderr, message)
  })
}
