import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { fileOf, parseFileName } from '../../../../overlay/content/block-cache/disk/file-name.ts'
import { DiskCache } from '../../../../overlay/content/block-cache/disk/store.ts'
import { MemoryCache } from '../../../../overlay/content/block-cache/memory-cache.ts'
import { TieredCache } from '../../../../overlay/content/block-cache/tiered-cache.ts'
import { isBlockOf } from '../../../../overlay/content/block.ts'

/** Needs a file that is always full. */
const onLinux = process.platform === 'linux' ? test : test.skip

interface Block {
  readonly cid: CID
  readonly bytes: Uint8Array
}

test('a block is there again after a restart, checked', async t => {
  const { directory, cache } = await openCache(t)
  const block = await blockOf(10_000)

  cache.put(block.cid, block.bytes)
  t.true(cache.has(block.cid))
  t.deepEqual(await cache.get(block.cid), Buffer.from(block.bytes))

  const again = await openCache(t, { directory })

  t.true(again.cache.has(block.cid))
  t.deepEqual(await again.cache.get(block.cid), Buffer.from(block.bytes))
  t.is(again.cache.statistics().hits, 1)
})

test('a file that was torn or changed is found by its hash, removed and forgotten', async t => {
  const { directory, cache } = await openCache(t)
  const torn = await blockOf(10_000)
  const changed = await blockOf(10_000)

  for (const { cid, bytes } of [torn, changed]) cache.put(cid, bytes)
  await cache.flush()
  await truncate(pathOf(directory, torn), 5000)
  await writeFile(pathOf(directory, changed), Buffer.alloc(10_000))

  const again = await openCache(t, { directory })

  for (const { cid } of [torn, changed]) {
    t.is(await again.cache.get(cid), undefined)
    t.false(again.cache.has(cid))
  }
  t.is(again.cache.statistics().damaged, 2)
  t.deepEqual(await filesIn(directory), [])
})

test('a file that somebody removed is a miss', async t => {
  const { directory, cache } = await openCache(t)
  const block = await blockOf(100)

  cache.put(block.cid, block.bytes)
  await cache.flush()
  await rm(pathOf(directory, block))
  t.is(await cache.get(block.cid), undefined)
  t.false(cache.has(block.cid))
})

test('the files stay under the budget, and a smaller budget after a restart removes some', async t => {
  const { directory, cache } = await openCache(t, { maxBytes: 100_000 })

  for (let index = 0; index < 40; index += 1) {
    const { cid, bytes } = await blockOf(8000)

    cache.put(cid, bytes)
  }
  await cache.flush()
  t.true((await bytesIn(directory)) <= 100_000)
  t.is(cache.statistics().blocks, (await filesIn(directory)).length)
  t.true(cache.statistics().blocks >= 10)

  const smaller = await openCache(t, { directory, maxBytes: 30_000 })

  t.true(smaller.cache.statistics().bytes <= 30_000)
})

test('what is deleted or cleared is gone from the disk', async t => {
  const { directory, cache } = await openCache(t)
  const blocks = await Promise.all([1, 2, 3].map(async () => blockOf(5000)))

  for (const { cid, bytes } of blocks) cache.put(cid, bytes)

  const [first, second] = blocks

  t.true(first != null && (await cache.delete(first.cid)))
  await cache.flush()
  t.is((await filesIn(directory)).length, 2)
  t.false(first != null && (await cache.delete(first.cid)))

  await cache.clear()
  t.deepEqual(await filesIn(directory), [])
  t.is(cache.statistics().bytes, 0)
  t.false(second != null && cache.has(second.cid))

  if (second != null) cache.put(second.cid, second.bytes)
  await cache.flush()
  t.is((await filesIn(directory)).length, 1, 'it goes on after that')
})

onLinux('a full disk stops the keeping for a minute, and reading goes on', async t => {
  const reasons: string[] = []
  let now = 0
  const { directory, cache } = await openCache(t, {
    now: () => now,
    onPause: error => reasons.push(error.message)
  })
  const kept = await blockOf(5000)
  const full = await blockOf(5000)
  const later = await blockOf(5000)

  cache.put(kept.cid, kept.bytes)
  await cache.flush()
  // Linux's file that is always full.
  await mkdir(join(directory, fileOf(full.cid.toString(), 5000).folder), { recursive: true })
  await symlink('/dev/full', pathOf(directory, full))
  cache.put(full.cid, full.bytes)
  await cache.flush()

  t.is(reasons.length, 1)
  t.regex(reasons[0] ?? '', /ENOSPC/)
  t.false(cache.has(full.cid))
  t.true(cache.statistics().isPaused)
  t.deepEqual(await cache.get(kept.cid), Buffer.from(kept.bytes))

  cache.put(later.cid, later.bytes)
  t.false(cache.has(later.cid))
  now = 60_000
  cache.put(later.cid, later.bytes)
  await cache.flush()
  t.true(cache.has(later.cid))
})

test('a folder that cannot be made is no reason to fail', async t => {
  const { directory } = await openCache(t)

  await writeFile(join(directory, 'file'), '')

  const { cache } = await openCache(t, { directory: join(directory, 'file') })
  const block = await blockOf(100)

  cache.put(block.cid, block.bytes)
  await cache.flush()
  t.is(await cache.get(block.cid), undefined)
  t.is(cache.statistics().refused, 1)
})

test('more than the disk can write is not kept, and no memory grows for it', async t => {
  const { cache } = await openCache(t, { neverAtOnce: true })
  const blocks = await Promise.all(Array.from({ length: 24 }, async () => blockOf(1 << 20)))

  for (const { cid, bytes } of blocks) cache.put(cid, bytes)
  t.is(cache.statistics().refused, 20, '4 MiB may wait')
  await cache.flush()
  t.is(cache.statistics().blocks, 4)
})

test('kill -9 while it writes leaves a folder from which every block that is read is right', async t => {
  const { directory } = await openCache(t)
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'writing-child.ts'), directory],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )

  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')

  const names = await filesIn(directory)
  const { cache } = await openCache(t, { directory })

  t.true(names.length > 0)
  t.is(cache.statistics().blocks, names.length)
  for (const name of names) {
    const cid = CID.parse(parseFileName(name)?.key ?? '')
    const bytes = await cache.get(cid)

    t.true(bytes == null || isBlockOf(cid, bytes))
  }
  t.true(cache.statistics().damaged <= 4, 'at most the files that were being written')
})

test('names of other files are passed over', async t => {
  const { directory } = await openCache(t)
  const { cid } = await blockOf(10)

  await mkdir(join(directory, 'zz'))
  await writeFile(join(directory, 'zz', 'notes.txt'), '')
  await writeFile(join(directory, 'zz', `${cid.toString()}.99999999`), '')
  await writeFile(join(directory, 'zz', `${'a'.repeat(59)}.10`), '')

  const { cache } = await openCache(t, { directory })

  t.is(cache.statistics().blocks, 0)
  t.is((await filesIn(directory)).length, 3)
})

test('a block in a folder where it is not looked for is removed', async t => {
  const { directory } = await openCache(t)
  const { cid, bytes } = await blockOf(10)

  await mkdir(join(directory, 'zz'))
  await writeFile(join(directory, 'zz', fileOf(cid.toString(), 10).name), bytes)

  const { cache } = await openCache(t, { directory })

  t.false(cache.has(cid))
  t.deepEqual(await filesIn(directory), [])
})

test('other threads write the same files', async t => {
  const { directory, cache } = await openCache(t, { neverAtOnce: true })
  const block = await blockOf(10_000)

  cache.put(block.cid, [block.bytes.subarray(0, 1), block.bytes.subarray(1)])
  t.deepEqual(await cache.get(block.cid), block.bytes, 'also while it is being written')
  await cache.flush()
  t.deepEqual(await readFile(pathOf(directory, block)), Buffer.from(block.bytes))
})

onLinux(
  'a disk that made the process wait three times is left to other threads for 10 s',
  async t => {
    let now = 0
    // Each look at the clock is 40 ms later.
    const { directory, cache } = await openCache(t, { now: () => (now += 40) })
    const isThere = async (): Promise<boolean> => {
      const block = await blockOf(100)

      cache.put(block.cid, block.bytes)

      return existsSync(pathOf(directory, block))
    }

    for (let count = 0; count < 3; count += 1) t.true(await isThere())
    t.false(await isThere())
    now += 10_000
    t.true(await isThere())
  }
)

test('memory stands before the disk, and a small slice does not keep a large buffer', async t => {
  const { cache: disk } = await openCache(t)
  const memory = new MemoryCache(1 << 20)
  const cache = new TieredCache(memory, disk)
  const block = await blockOf(500)
  const large = Buffer.concat([block.bytes, randomBytes(100_000)])

  cache.put(block.cid, large.subarray(0, 500))
  t.true(cache.has(block.cid))
  t.is(memory.find(block.cid)?.buffer.byteLength, 500)
  await disk.flush()
  memory.clear()
  t.is(memory.size, 0)
  t.true(cache.has(block.cid))
  t.deepEqual(await cache.get(block.cid), Buffer.from(block.bytes))
  t.is(memory.size, 1)
  t.is(disk.statistics().hits, 1)
  t.true(await cache.delete(block.cid))
  t.false(await cache.delete(block.cid))
  t.is(await cache.get(block.cid), undefined)
  cache.put(block.cid, block.bytes)
  await cache.clear()
  t.false(cache.has(block.cid))
})

test('the budget of memory counts more than the bytes, so that tiny blocks do not fill it', async t => {
  const memory = new MemoryCache(100_000)

  for (let index = 0; index < 1000; index += 1) {
    const { cid, bytes } = await blockOf(10)

    memory.put(cid, bytes)
  }
  t.true(memory.size < 250)
  t.true(memory.bytes <= 100_000)
})

async function openCache(
  t: ExecutionContext,
  options: Partial<ConstructorParameters<typeof DiskCache>[0]> = {}
): Promise<{ directory: string; cache: DiskCache }> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'plexnet-blocks-')))
  const cache = new DiskCache({ maxBytes: 1 << 30, ...options, directory })

  await cache.start()
  t.teardown(async () => {
    await cache.flush()
    await rm(directory, { recursive: true, force: true })
  })

  return { directory, cache }
}

async function blockOf(size: number): Promise<Block> {
  const bytes = new Uint8Array(randomBytes(size))

  return { cid: CID.createV1(raw.code, await sha256.digest(bytes)), bytes }
}

function pathOf(directory: string, { cid, bytes }: Block): string {
  const { folder, name } = fileOf(cid.toString(), bytes.length)

  return join(directory, folder, name)
}

async function filesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })

    return entries.filter(entry => entry.isFile()).map(({ name }) => name)
  } catch {
    return []
  }
}

async function bytesIn(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = names.filter(entry => entry.isFile())
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await readFile(join(parentPath, name))).length)
  )

  return sizes.reduce((sum, size) => sum + size, 0)
}
