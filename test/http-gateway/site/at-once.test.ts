import { execFileSync } from 'node:child_process'
import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { AtOnce } from '../../../http-gateway/site/at-once/store.ts'
import { SiteStore } from '../../../http-gateway/site/store.ts'
import { temporaryDirectory } from '../fixture.ts'

const ON_LINUX = process.platform === 'linux' ? test : test.skip

/** A clock that each look at it sets on. */
function clock(): { now: () => number; step: number } {
  let time = 0

  return {
    step: 0,
    now() {
      time += this.step

      return time
    }
  }
}

async function newReader(
  t: ExecutionContext,
  diskReads?: () => number
): Promise<{ root: string; reader: AtOnce; time: ReturnType<typeof clock> }> {
  const root = await temporaryDirectory(t)
  const time = clock()
  const reader = new AtOnce({
    maxSize: 100,
    server: 'test',
    now: () => time.now(),
    ...(diskReads === undefined ? {} : { diskReads })
  })

  await writeFile(join(root, 'file.txt'), 'hello')
  await reader.prepare(root)

  return { root, reader, time }
}

ON_LINUX('a small file on a local disk is read at once', async t => {
  const { root, reader } = await newReader(t)

  t.true(reader.isReady)

  const found = reader.read(root, join(root, 'file.txt'))

  t.true(typeof found === 'object')

  if (typeof found === 'object') {
    t.is(found.content.toString(), 'hello')
    t.is(reader.tagOf(found.file), found.representation.etag)
  }
})

ON_LINUX('what is no small file is left to others, and a FIFO is not waited for', async t => {
  const { root, reader } = await newReader(t)

  await writeFile(join(root, 'large'), 'x'.repeat(101))
  await mkdir(join(root, 'folder'))
  execFileSync('mkfifo', [join(root, 'fifo')])

  for (const name of ['large', 'folder', 'fifo']) {
    t.is(reader.read(root, join(root, name)), undefined, name)
  }

  t.is(reader.read(root, join(root, 'none')), 'missing')
  t.is(reader.tagOf(join(root, 'none')), undefined)
})

ON_LINUX('a link leads to what lies below the root, and to nothing else', async t => {
  const { root, reader } = await newReader(t)
  const outside = await temporaryDirectory(t)

  await writeFile(join(outside, 'secret'), 'secret')
  await symlink(join(root, 'file.txt'), join(root, 'inside'))
  await symlink(join(outside, 'secret'), join(root, 'outside'))
  await symlink(outside, join(root, 'away'))

  const found = reader.read(root, join(root, 'inside'))

  t.is(typeof found === 'object' ? found.content.toString() : found, 'hello')
  t.is(reader.read(root, join(root, 'outside')), 'missing')
  t.is(reader.read(root, join(root, 'away', 'secret')), 'missing')
  // A folder whose name begins with that of the root.
  await mkdir(`${root}-beside`)
  t.teardown(async () => rm(`${root}-beside`, { recursive: true }))
  await writeFile(join(`${root}-beside`, 'secret'), 'secret')
  await symlink(join(`${root}-beside`, 'secret'), join(root, 'beside'))
  t.is(reader.read(root, join(root, 'beside')), 'missing')
})

ON_LINUX(
  'a disk that makes the process wait again and again is left to other threads for a while',
  async t => {
    let reads = 0
    const { root, reader, time } = await newReader(t, () => reads)
    const file = join(root, 'file.txt')

    time.step = 50

    for (let index = 0; index < 10; index += 1) {
      reader.read(root, file)
    }

    t.true(reader.isReady, 'slow without the disk is the processor’s fault')

    for (let index = 0; index < 3; index += 1) {
      t.true(reader.isReady)
      reads += 1
      reader.read(root, file)
    }

    t.false(reader.isReady)
    time.step = 20_000
    t.true(reader.isReady)
  }
)

test('what no disk of this machine holds is not read at once', async t => {
  const reader = new AtOnce({ maxSize: 100, server: 'test', now: () => 0 })

  t.false(reader.isReady)
  await reader.prepare('/proc')
  t.false(reader.isReady)
  await reader.prepare(undefined)
  t.false(reader.isReady)
})

for (const way of ['at once', 'in another thread']) {
  test(`the store gives the same ${way}, and notices a change`, async t => {
    const root = await temporaryDirectory(t)
    let time = 0
    const store = new SiteStore({
      server: 'test',
      hotFileSize: 100,
      hotBytes: 10_000,
      now: () => time
    })
    const find = async (path: string): ReturnType<SiteStore['find']> =>
      (way === 'at once' ? store.findAtOnce(path) : undefined) ?? (await store.find(path))
    const contentOf = async (path: string): Promise<string> => {
      const found = await find(path)

      return found.kind === 'hot' ? found.content.toString() : found.kind
    }

    await writeFile(join(root, 'index.html'), 'one')
    await store.publish(root)

    t.is(await contentOf('/'), 'one')
    t.is(await contentOf('/none'), 'missing')
    t.is(await contentOf('/../x'), 'bad')
    t.is(store.hot('/')?.content.toString(), 'one')
    await writeFile(join(root, 'index.html'), 'two')
    await utimes(join(root, 'index.html'), 1, 1)
    time += 2000
    t.is(await contentOf('/'), 'two')
    await rm(join(root, 'index.html'))
    time += 2000
    t.is(store.hot('/'), undefined)
    t.is(await contentOf('/'), 'missing')
  })
}
