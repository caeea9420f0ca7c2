import { execFile, spawn } from 'node:child_process'
import { access, constants, copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { once } from 'node:events'
import test from 'ava'
import { ended, environment, makeHome } from './run.ts'

const run = promisify(execFile)
const LAUNCHER = join(import.meta.dirname, '../../bin/plexnet.js')

/** Makes a Node say that it is older than it is. */
const OLD = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.1.0'}})`

test('where no newer Node is at hand, an old one says which it needs', async t => {
  const child = spawn(process.execPath, ['--import', OLD, LAUNCHER, '--version'], {
    env: environment(await makeHome(t))
  })
  const { code, stderr } = await ended(child)

  t.is(code, 1)
  t.regex(stderr, /^plexnet: this is Node 20\.1\.0, and 24\.12 or newer is needed/)
})

test('an old Node hands over to the one that is installed beside the program, with its exit code and signals', async t => {
  const old = await findOldNode()

  if (old == null) {
    t.pass('there is no old Node on this machine')
    return
  }
  const home = await makeHome(t)
  const env = environment(home, { PLEXNET_OVERLAY_MDNS: 'false' })
  const wrong = await ended(spawn(old, [LAUNCHER, 'strat'], { env }))
  t.is(wrong.code, 2)

  const ports = ['--local-only', '--http-port', '0', '--https-port', '0', '--p2p-port', '0']
  const child = spawn(old, [LAUNCHER, 'start', '--json', ...ports], { env })
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  t.deepEqual(await once(child, 'exit'), [0, null])
})

test('the bundle runs while it is of the source beside it, and the source where that has changed', async t => {
  const root = await makeHome(t)
  const launcher = join(root, 'bin', 'plexnet.js')
  const [source, sources] = [join(root, 'cli.ts'), join(root, 'dist', 'sources.json')]
  const runs = async (): Promise<string> => {
    const { stdout } = await run(process.execPath, [launcher], { env: environment(root) })

    return stdout.trim()
  }

  await Promise.all(['bin', 'dist'].map(async name => mkdir(join(root, name))))
  await Promise.all([
    copyFile(LAUNCHER, launcher),
    writeFile(join(root, 'package.json'), '{ "type": "module" }'),
    writeFile(source, 'console.log("source")'),
    writeFile(join(root, 'dist', 'cli.js'), 'console.log("bundle")')
  ])
  t.is(await runs(), 'source')

  const { size, mtimeMs } = await stat(source)

  await writeFile(sources, JSON.stringify({ 'cli.ts': [size, mtimeMs] }))
  t.is(await runs(), 'bundle')

  await writeFile(source, 'console.log("source, changed")')
  t.is(await runs(), 'source, changed')

  await writeFile(sources, '{')
  t.is(await runs(), 'source, changed')

  await rm(source)
  t.is(await runs(), 'bundle')
})

async function findOldNode(): Promise<string | undefined> {
  const candidates = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => join(folder, 'node'))

  for (const candidate of candidates) {
    const isThere = await access(candidate, constants.X_OK).then(
      () => true,
      () => false
    )

    if (
      isThere &&
      Number.parseInt((await run(candidate, ['-p', 'process.versions.node'])).stdout) < 24
    ) {
      return candidate
    }
  }

  return undefined
}
