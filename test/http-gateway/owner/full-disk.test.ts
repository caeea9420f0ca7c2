import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { ask } from '../client.ts'
import { temporaryDirectory } from '../fixture.ts'

const run = promisify(execFile)
const TOKEN = 'correct-horse-battery'
const headers = { authorization: `Bearer ${TOKEN}` }
const CHILD = fileURLToPath(new URL('full-disk-child.ts', import.meta.url))
const DISK = 256 * 1024

/** A program runs with its first argument as a folder on a disk of 256 KiB, or may write no larger file. */
const MOUNT = `mount -t tmpfs -o size=${DISK} tmpfs "$1" && exec "$0" "$2" "$1" "$3"`
const LIMIT = `ulimit -f ${DISK / 512}; exec "$0" "$2" "$1" "$3"`

interface Wall {
  readonly name: string
  readonly wrapper: readonly string[]
}

const WALLS: readonly Wall[] = [
  { name: 'a small disk', wrapper: ['unshare', '--mount', 'sh', '-c', MOUNT] },
  {
    name: 'a small disk of one’s own',
    wrapper: ['unshare', '--mount', '--map-root-user', 'sh', '-c', MOUNT]
  },
  { name: 'a bound on files', wrapper: ['sh', '-c', LIMIT] }
]

/** The first of them that this machine lets us have. */
async function findWall(t: ExecutionContext): Promise<Wall | undefined> {
  const folder = await temporaryDirectory(t)

  for (const wall of WALLS) {
    const [program = '', ...args] = wall.wrapper
    const isThere = await run(program, [...args, 'true', folder, '', '']).then(
      () => true,
      () => false
    )

    if (isThere) return wall
  }

  return undefined
}

test('a disk that is full answers 507, leaves the old document whole and nothing beside it, and serves on', async t => {
  const wall = await findWall(t)

  if (wall === undefined) {
    t.log('skipped: neither a small disk nor a bound on the size of files can be had here')
    t.pass()

    return
  }

  t.log(`against ${wall.name}`)

  const folder = await temporaryDirectory(t)
  const [program = '', ...args] = wall.wrapper
  const child = spawn(program, [...args, process.execPath, folder, CHILD, TOKEN], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const gone = once(child, 'exit')

  t.teardown(async () => {
    child.kill('SIGKILL')
    await gone
  })

  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<{ port: number; names: string[] }> => {
    const { value } = await lines.next()

    return JSON.parse(String(value))
  }
  const { port } = await next()
  const origin = `http://127.0.0.1:${port}`
  const put = async (path: string, size: number, method = 'PUT'): ReturnType<typeof ask> =>
    ask(origin, path, { method, headers, content: Buffer.alloc(size, 'x') })

  t.is((await put('/a.txt', 1000)).status, 201)

  for (const [method, path] of [
    ['PUT', '/a.txt'],
    ['PUT', '/new.txt'],
    ['POST', '/']
  ] as const) {
    const { status, body } = await put(path, 4 * DISK, method)

    t.is(status, 507, `${method} ${path}`)
    t.is(JSON.parse(body.toString()).code, 'PLEXNET_DISK_FULL')
  }

  t.deepEqual((await ask(origin, '/a.txt')).body, Buffer.alloc(1000, 'x'))
  child.stdin.write('\n')
  t.deepEqual((await next()).names, ['a.txt'])
  t.is((await put('/a.txt', 2000)).status, 204)
  t.is((await ask(origin, '/a.txt')).body.length, 2000)
})
