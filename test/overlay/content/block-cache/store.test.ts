import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFile,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  writeFile
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
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
  await cache.close()

  const again = await openCache(t, { directory })

  t.true(again.cache.has(block.cid))
  t.deepEqual(await again.cache.get(block.cid), Buffer.from(block.bytes))
  t.is(again.cache.statistics().hits, 1)
})

test('what was torn or changed on the disk is found by its hash when it is read, and can be kept anew', async t => {
  const { directory, cache } = await openCache(t)
  const [whole, changed, torn] = [
    await blockOf(10_000),
    await blockOf(10_000),
    await blockOf(10_000)
  ]

  for (const { cid, bytes } of [whole, changed, torn]) cache.put(cid, bytes)
  await cache.close()

  const pack = join(directory, 'pack')
  const content = await readFile(pack)

  content[content.indexOf(Buffer.from(changed.bytes))] = (changed.bytes[0] ?? 0) ^ 1
  await writeFile(pack, content)
  await truncate(pack, content.indexOf(Buffer.from(torn.bytes)) + 5000)

  const again = await openCache(t, { directory })

  t.deepEqual(await again.cache.get(whole.cid), Buffer.from(whole.bytes))
  for (const { cid } of [changed, torn]) {
    t.true(again.cache.has(cid))
    t.is(await again.cache.get(cid), undefined)
    t.false(again.cache.has(cid))
  }
  t.is(again.cache.statistics().damaged, 2)
  for (const { cid, bytes } of [changed, torn]) again.cache.put(cid, bytes)
  for (const { cid, bytes } of [changed, torn]) {
    t.deepEqual(await again.cache.get(cid), Buffer.from(bytes))
  }
})

test('a pack that somebody removed is empty, and a journal that somebody removed says so', async t => {
  for (const name of ['pack', 'journal']) {
    const { directory, cache } = await openCache(t)
    const block = await blockOf(100)

    cache.put(block.cid, block.bytes)
    await cache.close()
    await unlink(join(directory, name))

    const again = await openCache(t, { directory })

    t.is(await again.cache.get(block.cid), undefined)
    t.false(again.cache.has(block.cid))
  }
})

test('the pack stays under the budget, and a smaller budget after a restart cuts it off', async t => {
  const { directory, cache } = await openCache(t, { maxBytes: 100_000 })

  for (let index = 0; index < 40; index += 1) {
    const { cid, bytes } = await blockOf(8000)

    cache.put(cid, bytes)
  }
  t.true((await stat(join(directory, 'pack'))).size <= 100_000)
  t.true(cache.statistics().blocks >= 10)
  await cache.close()

  const smaller = await openCache(t, { directory, maxBytes: 30_000 })

  t.true(smaller.cache.statistics().bytes <= 30_000)
  t.true(smaller.cache.statistics().blocks > 0)
  t.true((await stat(join(directory, 'pack'))).size <= 30_000)
})

test('what was evicted and not yet overwritten may be there again after a restart, and is right', async t => {
  const { directory, cache } = await openCache(t, { maxBytes: 100_000 })
  const blocks = await Promise.all(
    Array.from({ length: 60 }, async (_, index) => blockOf(500 * index + 1))
  )

  for (const { cid, bytes } of blocks) cache.put(cid, bytes)
  await cache.close()

  const again = await openCache(t, { directory, maxBytes: 100_000 })

  t.true(again.cache.statistics().blocks > 0)
  for (const { cid, bytes } of blocks) {
    if (again.cache.has(cid)) t.deepEqual(await again.cache.get(cid), Buffer.from(bytes))
  }
  t.is(again.cache.statistics().damaged, 0)
})

test('a file far larger than the budget passes through, and what is read often stays (C12)', async t => {
  const { cache } = await openCache(t, { maxBytes: 1 << 20 })
  const often = await blockOf(40_000)

  cache.put(often.cid, often.bytes)
  for (let index = 0; index < 64; index += 1) {
    const { cid, bytes } = await blockOf(256 << 10)

    cache.put(cid, bytes)
    t.deepEqual(await cache.get(often.cid), Buffer.from(often.bytes))
  }
  t.true(cache.statistics().bytes <= 1 << 20)
  t.is(cache.statistics().damaged, 0)
})

test('a block that is being read keeps its pages though it is evicted meanwhile', async t => {
  const { cache } = await openCache(t, { maxBytes: 1 << 20 })
  const block = await blockOf(256 << 10)

  cache.put(block.cid, block.bytes)

  const reading = cache.get(block.cid)

  for (let index = 0; index < 16; index += 1) {
    const { cid, bytes } = await blockOf(300_000)

    cache.put(cid, bytes)
  }
  t.deepEqual(await reading, Buffer.from(block.bytes))
})

test('the journal is written anew when most of it has been overtaken', async t => {
  const { directory, cache } = await openCache(t, { maxBytes: 200_000 })

  for (let index = 0; index < 3000; index += 1) {
    const { cid, bytes } = await blockOf(20)

    cache.put(cid, bytes)
    if (index % 500 === 0) await cache.flush()
  }
  await cache.close()

  const lines = (await readFile(join(directory, 'journal'), 'latin1')).split('\n').length

  t.true(lines < 2500, `${lines} lines`)

  const again = await openCache(t, { directory, maxBytes: 200_000 })

  t.is(again.cache.statistics().blocks, cache.statistics().blocks)
})

test('what is deleted or cleared is gone from the disk', async t => {
  const { directory, cache } = await openCache(t)
  const blocks = await Promise.all([1, 2, 3].map(async () => blockOf(5000)))

  for (const { cid, bytes } of blocks) cache.put(cid, bytes)

  const [first, second] = blocks

  t.true(first != null && (await cache.delete(first.cid)))
  t.false(first != null && (await cache.delete(first.cid)))
  await cache.close()

  const again = await openCache(t, { directory })

  t.false(first != null && again.cache.has(first.cid))
  t.true(second != null && again.cache.has(second.cid))
  await again.cache.clear()
  t.is(again.cache.statistics().bytes, 0)
  t.is((await stat(join(directory, 'pack'))).size, 0)
  t.false(second != null && again.cache.has(second.cid))

  if (second != null) {
    again.cache.put(second.cid, second.bytes)
    t.deepEqual(await again.cache.get(second.cid), Buffer.from(second.bytes), 'it goes on')
  }
})

onLinux('a full disk stops the keeping for a minute', async t => {
  const reasons: string[] = []
  let now = 0
  const directory = await mkdtemp(join(tmpdir(), 'plexnet-blocks-'))

  // Linux's file that is always full.
  await symlink('/dev/full', join(directory, 'pack'))

  const { cache } = await openCache(t, {
    directory,
    now: () => now,
    onPause: error => reasons.push(error.message)
  })
  const [full, later] = [await blockOf(5000), await blockOf(5000)]

  cache.put(full.cid, full.bytes)
  await cache.flush()
  t.is(reasons.length, 1)
  t.regex(reasons[0] ?? '', /ENOSPC/)
  t.false(cache.has(full.cid))
  t.true(cache.statistics().isPaused)

  cache.put(later.cid, later.bytes)
  t.is(reasons.length, 1, 'nobody tried')
  now = 60_000
  t.false(cache.statistics().isPaused)
  cache.put(later.cid, later.bytes)
  t.is(reasons.length, 2)
})

onLinux('a disk that has no room for the journal keeps blocks for this run', async t => {
  const { directory, cache } = await openCache(t)
  const block = await blockOf(5000)

  await symlink('/dev/full', join(directory, 'journal'))
  cache.put(block.cid, block.bytes)
  await cache.flush()
  t.true(cache.statistics().isPaused)
  t.deepEqual(await cache.get(block.cid), Buffer.from(block.bytes))
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

  const { cache } = await openCache(t, { directory })
  const journal = await readFile(join(directory, 'journal'), 'latin1')
  const keys = journal.split('\n').flatMap(line => /^\+ (\w+) /.exec(line)?.[1] ?? [])

  t.true(cache.statistics().blocks > 0)
  for (const key of keys) {
    const cid = CID.parse(key)
    const bytes = await cache.get(cid)

    t.true(bytes == null || isBlockOf(cid, bytes))
  }
  t.true(cache.statistics().damaged <= 40, 'at most those whose lines were not written yet')
})

test('lines of the journal that make no sense are passed over, and nothing is read elsewhere for them', async t => {
  const { directory, cache } = await openCache(t, { maxBytes: 1 << 20 })
  const block = await blockOf(5000)
  const { cid } = await blockOf(10)

  cache.put(block.cid, block.bytes)
  await cache.close()

  const key = cid.toString()
  const lies = [
    'nonsense',
    `+ ${key} 10 0x1`,
    `+ ${key} 10 9x2`,
    `+ ${key} 10 900000000x1`,
    `+ ${key} 9999999 1x1`,
    `+ ${key} 5000 20x1,20x1`,
    `- nothing`,
    `+ ${key} 10 7`
  ]
  const own = await readFile(join(directory, 'journal'), 'latin1')

  await writeFile(join(directory, 'journal'), `${lies.join('\n')}\n${own}`)
  await appendFile(join(directory, 'journal'), `+ ${key} 1`)

  const again = await openCache(t, { directory, maxBytes: 1 << 20 })

  t.is(again.cache.statistics().blocks, 1)
  t.deepEqual(await again.cache.get(block.cid), Buffer.from(block.bytes))

  const next = await blockOf(30)

  again.cache.put(next.cid, next.bytes)
  await again.cache.close()

  const third = await openCache(t, { directory, maxBytes: 1 << 20 })

  t.is(third.cache.statistics().blocks, 2, 'the torn line was no beginning of the next')
})

test('other threads write the same', async t => {
  const { directory, cache } = await openCache(t, { neverAtOnce: true })
  const block = await blockOf(10_000)

  cache.put(block.cid, [block.bytes.subarray(0, 1), block.bytes.subarray(1)])
  t.deepEqual(await cache.get(block.cid), block.bytes, 'also while it is being written')
  await cache.close()
  t.true((await readFile(join(directory, 'pack'))).includes(Buffer.from(block.bytes)))
})

onLinux(
  'a disk that made the process wait three times is left to other threads for 10 s',
  async t => {
    let now = 0
    // Each look at the clock is 40 ms later.
    const { cache } = await openCache(t, { now: () => (now += 40) })
    const blocks = await Promise.all(Array.from({ length: 9 }, async () => blockOf(2 << 20)))
    const refusedOf = (from: number): number => {
      const before = cache.statistics().refused

      for (const { cid, bytes } of blocks.slice(from, from + 3)) cache.put(cid, bytes)

      return cache.statistics().refused - before
    }

    t.is(refusedOf(0), 0)
    t.is(refusedOf(3), 1, '4 MiB may wait for other threads')
    await cache.flush()
    now += 10_000
    t.is(refusedOf(6), 0)
  }
)

test('who is closed keeps nothing more, and reads nothing', async t => {
  const { cache } = await openCache(t)
  const [before, after] = [await blockOf(100), await blockOf(100)]

  cache.put(before.cid, before.bytes)
  await cache.close()
  cache.put(after.cid, after.bytes)
  t.false(cache.has(after.cid))
  t.is(await cache.get(before.cid), undefined)
  t.is(cache.statistics().damaged, 0)
})

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
    await cache.close()
    await rm(directory, { recursive: true, force: true })
  })

  return { directory, cache }
}

async function blockOf(size: number): Promise<Block> {
  const bytes = new Uint8Array(randomBytes(size))

  return { cid: CID.createV1(raw.code, await sha256.digest(bytes)), bytes }
}
