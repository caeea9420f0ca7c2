import { randomBytes } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { sha512 } from 'multiformats/hashes/sha2'
import {
  BlockUnavailableError,
  InvalidTreeError,
  MemoryCache,
  SiteReader,
  SourceMemory,
  type FoundFolder
} from '../../../../overlay/content/fetch/index.ts'
import { ForgedTree } from '../../../helpers/forged-tree.ts'

const HELLO = Buffer.from('hello')

test('a raw block is a whole site of one file', async t => {
  const tree = new ForgedTree()

  t.deepEqual(await readFile(tree, await tree.raw(HELLO)), HELLO)
})

test('bytes in a node come before those of its parts', async t => {
  const tree = new ForgedTree()
  const parts = [
    { cid: await tree.raw(Buffer.from('bc')), size: 2 },
    { cid: await tree.file([], { data: Buffer.from('de') }), size: 2 }
  ]

  t.deepEqual(
    await readFile(tree, await tree.file(parts, { data: Buffer.from('a') })),
    Buffer.from('abcde')
  )
})

test('a symbolic link, and a path through a file, lead nowhere', async t => {
  const tree = new ForgedTree()
  const root = await tree.folder([
    { name: 'link', cid: await tree.symlink('/etc/passwd') },
    { name: 'raw', cid: await tree.raw(HELLO), size: 5 },
    { name: 'file', cid: await tree.file([], { data: HELLO }) }
  ])

  for (const path of [['link'], ['link', 'x'], ['raw', 'x'], ['file', 'x'], ['none']]) {
    t.is((await readerOf(tree, root).find(path)).kind, 'missing')
  }
})

test('names that would mean another place are neither found nor listed', async t => {
  const tree = new ForgedTree()
  const cid = await tree.raw(HELLO)
  const names = ['..', '.', '', 'a/b', '/', 'a\0b', 'x'.repeat(2000), 'good']
  const root = await tree.folder(names.map(name => ({ name, cid, size: 5 })))
  const reader = readerOf(tree, root)

  for (const name of names.slice(0, -1)) t.is((await reader.find([name])).kind, 'missing', name)
  t.is((await reader.find(['a', 'b'])).kind, 'missing')
  t.deepEqual(await namesOf(reader), ['good'])
})

test('a name that stands twice in a folder is no name of a file', async t => {
  const tree = new ForgedTree()
  const root = await tree.folder([
    { name: 'a', cid: await tree.raw(HELLO), size: 5 },
    { name: 'a', cid: await tree.raw(Buffer.from('other')), size: 5 },
    { name: 'b', cid: await tree.raw(HELLO), size: 5 }
  ])
  const reader = readerOf(tree, root)

  await fails(t, reader.find(['a']), /has a twice/)
  await fails(t, namesOf(reader), /has a name twice/)
  t.is((await reader.find(['b'])).kind, 'file')
})

test('a file whose parts do not add up to its sizes is refused', async t => {
  const tree = new ForgedTree()
  const cid = await tree.raw(HELLO)
  const nested = await tree.file([{ cid, size: 5 }])
  const tooMany = await tree.file([{ cid, size: 5 }], { blockSizes: [5, 5] })
  const wrongSum = await tree.node(
    // type file, filesize 9, one part of 5
    Buffer.of(0x08, 2, 0x18, 9, 0x20, 5),
    [{ cid }]
  )
  const huge = await tree.file([{ cid }, { cid }], { blockSizes: [2 ** 52, 2 ** 53 - 1] })

  await fails(t, readFile(tree, tooMany), /sizes for other parts/)
  await fails(t, readFile(tree, huge), /a number above 2\^53/)
  await fails(t, readFile(tree, wrongSum), /do not add up/)
  await fails(
    t,
    readFile(tree, await tree.file([{ cid, size: 6 }])),
    /another size than its file says/
  )
  await fails(
    t,
    readFile(tree, await tree.file([{ cid, size: 4 }])),
    /another size than its file says/
  )
  await fails(
    t,
    readFile(tree, await tree.file([{ cid: nested, size: 9 }])),
    /a size that it does not have/
  )
  await fails(t, readFile(tree, await tree.file([{ cid, size: 3 << 20 }])), /larger than is read/)

  const folder = await tree.folder([])

  await fails(t, readFile(tree, await tree.file([{ cid: folder, size: 1 }])), /does not have/)
})

test('a source is not blamed for a tree that lies about sizes', async t => {
  const tree = new ForgedTree()
  const bytes = randomBytes(10)
  const root = await tree.file([{ cid: await tree.raw(bytes), size: 5 }])
  const memory = new SourceMemory()
  const web = {
    id: 'web',
    kind: 'web' as const,
    range: async function* (_: readonly string[], start: number, end: number) {
      yield bytes.subarray(start, end)
    }
  }
  const reader = readerOf(tree, root, { memory, sources: [web, tree.source] })

  await fails(t, readAll(reader), /another size/)
  t.deepEqual(memory.faults(), [])
})

test('a link to an ancestor cannot be made, and one that claims to be is a wrong block (cycle)', async t => {
  const tree = new ForgedTree()
  const inner = await tree.folder([])
  const root = await tree.folder([{ name: 'a', cid: inner }])

  // The block under the inner CID now leads back to the root; its hash gives it away.
  tree.blocks.set(inner.toString(), tree.blocks.get(root.toString()) ?? HELLO)

  const memory = new SourceMemory()
  const error = await t.throwsAsync(readerOf(tree, root, { memory }).find(['a', 'a', 'a']), {
    instanceOf: BlockUnavailableError
  })

  t.true(error?.isLie)
  t.is(memory.faults()[0]?.cid, inner.toString())
})

test('a file of 1,000 levels ends early, and a folder of 1,000 as far as paths are followed', async t => {
  const tree = new ForgedTree()
  let file = await tree.raw(HELLO)
  let folder = await tree.folder([])

  for (let level = 0; level < 1000; level += 1) {
    file = await tree.file([{ cid: file, size: 5 }])
    folder = await tree.folder([{ name: 'a', cid: folder }])
  }

  await fails(t, readFile(tree, file), /deeper than 32/)
  t.true(tree.asked.length < 50)
  t.is((await readerOf(tree, folder).find(Array.from({ length: 256 }, () => 'a'))).kind, 'folder')
  t.is((await readerOf(tree, folder).find(Array.from({ length: 257 }, () => 'a'))).kind, 'missing')
})

test('10^6 links in one node are over the limit of a block, and 50,001 short ones over that of links', async t => {
  const tree = new ForgedTree()
  const empty = Buffer.of(0x12, 0)
  const million = await tree.bytes(Buffer.alloc(empty.length * 1_100_000, empty))
  const short = Buffer.concat([Buffer.of(0x12, 36, 0x0a, 34, 0x12, 0x20), Buffer.alloc(32)])
  const many = await tree.bytes(Buffer.alloc(short.length * 50_001, short))
  const aimless = await tree.bytes(empty)
  const error = await t.throwsAsync(readFile(tree, million), { instanceOf: BlockUnavailableError })

  t.true(error?.isLie)
  await fails(t, readFile(tree, many), /more than 50000 links/)
  await fails(t, readFile(tree, aimless), /a link that leads nowhere/)
})

test('10^6 parts without bytes cost nothing, and parts of one byte no more than 2 MiB of tree', async t => {
  const tree = new ForgedTree()
  const nothing = await tree.raw(Buffer.of())
  const empty = await tree.file(Array.from({ length: 1000 }, () => ({ cid: nothing, size: 0 })))
  const hollow = await tree.file(Array.from({ length: 1000 }, () => ({ cid: empty, size: 0 })))

  t.deepEqual(await readFile(tree, hollow), Buffer.of())
  t.is(tree.asked.length, 1)

  const byte = await tree.raw(Buffer.of(7))
  const crumbs = await tree.file(Array.from({ length: 1000 }, () => ({ cid: byte, size: 1 })))
  const heap = await tree.file(Array.from({ length: 1000 }, () => ({ cid: crumbs, size: 1000 })))

  await fails(t, readFile(tree, heap), /more bytes of tree than it has of file/)
})

test('shards of wrong width or hash, and shards without end, are refused', async t => {
  const tree = new ForgedTree()

  for (const fanout of [0n, 1n, 3n, 4n, 2048n, 2n ** 40n]) {
    await fails(t, readerOf(tree, await tree.shard([], fanout)).find(['a']), /width or hash/)
  }
  await fails(t, readerOf(tree, await tree.shard([], 256n, 0x12n)).find(['a']), /width or hash/)

  // Every slot of every level leads to the same shard below, 9 levels of 8 bits where the hash has 64.
  let shard = await tree.shard([], 256n)

  for (let level = 0; level < 9; level += 1) {
    const cid = shard
    const slots = Array.from({ length: 256 }, (_, slot) => ({
      name: slot.toString(16).toUpperCase().padStart(2, '0'),
      cid
    }))

    shard = await tree.shard(slots, 256n)
  }
  await fails(t, readerOf(tree, shard).find(['a']), /deeper than names can be hashed/)
  await fails(t, namesOf(readerOf(tree, shard)), /few names over very many shards/)
})

test('a shard that leads to something else is refused', async t => {
  const tree = new ForgedTree()
  const file = await tree.raw(HELLO)
  const slots = Array.from({ length: 256 }, (_, slot) => ({
    name: slot.toString(16).toUpperCase().padStart(2, '0'),
    cid: file
  }))

  await fails(
    t,
    readerOf(tree, await tree.shard(slots, 256n)).find(['a']),
    /has a shard that is none/
  )
})

test('blocks named by other hashes or kinds are not read', async t => {
  const tree = new ForgedTree()
  const bytes = new Uint8Array(HELLO)
  const odd = [
    CID.createV1(0x55, identity.digest(bytes)),
    CID.createV1(0x55, await sha512.digest(bytes)),
    CID.createV1(0x71, (await tree.raw(bytes)).multihash)
  ]

  for (const cid of odd) {
    tree.blocks.set(cid.toString(), bytes)
    await fails(
      t,
      readerOf(tree, await tree.folder([{ name: 'a', cid }])).find(['a']),
      /a kind that is not read/
    )
    await fails(t, readFile(tree, await tree.file([{ cid, size: 5 }])), /a kind that is not read/)
    await t.throwsAsync(readFile(tree, cid), { instanceOf: BlockUnavailableError })
  }
})

test('whatever bytes a node has, it is read or refused as an invalid tree', async t => {
  const good = new ForgedTree()
  const sample = await good.file([{ cid: await good.raw(HELLO), size: 5 }], { data: HELLO })
  const bytes = good.blocks.get(sample.toString()) ?? HELLO

  const change = fc.record({ at: fc.nat(bytes.length - 1), value: fc.nat(255) })
  const changed = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(change, { maxLength: 4 }).map(changes => {
      const copy = Buffer.from(bytes)

      for (const { at, value } of changes) copy[at] = value

      return copy
    })
  )

  await fc.assert(
    fc.asyncProperty(changed, async block => {
      const tree = new ForgedTree()
      const error = await failureOf(readFile(tree, await tree.bytes(block)))

      return (
        error == null || error instanceof InvalidTreeError || error instanceof BlockUnavailableError
      )
    }),
    { numRuns: 300 }
  )
  t.pass()
})

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }

  return undefined
}

async function fails(
  t: ExecutionContext,
  promise: Promise<unknown>,
  message: RegExp
): Promise<void> {
  await t.throwsAsync(promise, {
    instanceOf: InvalidTreeError,
    message,
    code: 'PLEXNET_INVALID_TREE'
  })
}

function readerOf(
  tree: ForgedTree,
  root: CID,
  { memory = new SourceMemory(), sources = [tree.source] } = {}
): SiteReader {
  return new SiteReader({
    site: 'a site',
    root,
    sources: () => sources,
    cache: new MemoryCache(1 << 20),
    memory
  })
}

async function readFile(tree: ForgedTree, root: CID): Promise<Buffer> {
  return readAll(readerOf(tree, root))
}

async function readAll(reader: SiteReader): Promise<Buffer> {
  const found = await reader.find([])

  return Buffer.concat(found.kind === 'file' ? await Array.fromAsync(reader.read(found)) : [])
}

async function namesOf(reader: SiteReader): Promise<string[]> {
  const folder = (await reader.find([])) as FoundFolder

  return (await Array.fromAsync(reader.names(folder))).map(({ name }) => name)
}
