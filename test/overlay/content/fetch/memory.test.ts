import test from 'ava'
import {
  MemoryCache,
  SiteReader,
  SourceMemory,
  type BlockSource,
  type FoundFile
} from '../../../../overlay/content/fetch/index.ts'
import { ForgedTree } from '../../../helpers/forged-tree.ts'

const ZEROS = Buffer.alloc(256 << 10)

test('a slow reader holds back the source: no more than the window is on its way (memory does not grow with the file)', async t => {
  let sent = 0
  let taken = 0
  let most = 0
  const { root, source } = await generated(1024, length => {
    sent += length
    most = Math.max(most, sent - taken)
  })
  const window = 4 << 20
  const reader = new SiteReader({
    site: 'generated',
    root,
    sources: () => [source],
    cache: new MemoryCache(0),
    memory: new SourceMemory(),
    window
  })
  const file = (await reader.find([])) as FoundFile

  for await (const chunk of reader.read(file)) taken += chunk.length
  t.is(taken, 256 << 20)
  t.true(most <= window + (256 << 10) + (64 << 10), `${most} bytes`)
})

test('a hundred slow readers together hold no hundred windows', async t => {
  const READERS = 100
  let sent = 0
  let taken = 0
  const { root, source } = await generated(64, length => {
    sent += length
  })
  const reader = new SiteReader({
    site: 'generated',
    root,
    sources: () => [source],
    cache: new MemoryCache(0),
    memory: new SourceMemory()
  })
  const file = (await reader.find([])) as FoundFile
  const readings = Array.from({ length: READERS }, () => reader.read(file)[Symbol.asyncIterator]())
  let most = 0

  // All begin, and then take a little in turn: who began while few did holds more only until then.
  for (let round = 0; round < 12; round += 1) {
    for (const reading of readings) {
      const { value } = await reading.next()

      taken += value?.length ?? 0
    }
    most = Math.max(round < 8 ? 0 : most, sent - taken)
  }
  // The least window, the block that is being taken, and a chunk.
  t.true(most <= READERS * ((512 << 10) + (256 << 10) + (64 << 10)), `${most} bytes`)
  await Promise.all(readings.map(async reading => reading.return(undefined)))
})

test('of a sparse file of 10 GiB any part is read, and all its zeros are fetched once', async t => {
  const tree = new ForgedTree()
  const leaf = await tree.raw(Buffer.alloc(256 << 10))
  const inner = await tree.file(
    Array.from({ length: 1024 }, () => ({ cid: leaf, size: 256 << 10 }))
  )
  const root = await tree.file(Array.from({ length: 40 }, () => ({ cid: inner, size: 256 << 20 })))
  const reader = new SiteReader({
    site: 'sparse',
    root,
    sources: () => [tree.source],
    cache: new MemoryCache(4 << 20),
    memory: new SourceMemory()
  })
  const file = (await reader.find([])) as FoundFile

  t.is(file.size, 10 * 2 ** 30)
  for (const [start, end] of [
    [0, 1000],
    [5 * 2 ** 30 + 17, 5 * 2 ** 30 + 300_000],
    [file.size - 5, file.size],
    [255 * 2 ** 20, 600 * 2 ** 20]
  ] as const) {
    let length = 0

    for await (const chunk of reader.read(file, start, end)) {
      length += chunk.length
      if (!ZEROS.subarray(0, chunk.length).equals(chunk)) t.fail('a byte is not zero')
    }
    t.is(length, end - start)
  }
  t.is(tree.asked.length, 3)
})

/** A file of `leaves` blocks that are all different, made when they are read. */
async function generated(
  leaves: number,
  onSend: (length: number) => void
): Promise<{ root: Awaited<ReturnType<ForgedTree['raw']>>; source: BlockSource }> {
  const tree = new ForgedTree()
  const size = 256 << 10
  const parts = []

  for (let index = 0; index < leaves; index += 1) {
    const cid = await tree.raw(leafOf(index))

    tree.blocks.delete(cid.toString())
    parts.push({ cid, size })
  }

  const root = await tree.file(parts)

  return {
    root,
    source: {
      ...tree.source,
      range: async function* (_, start, end) {
        for (let at = start; at < end; at += 64 << 10) {
          const leaf = leafOf(Math.floor(at / size))

          onSend(64 << 10)
          yield leaf.subarray(at % size, (at % size) + (64 << 10))
        }
      }
    }
  }
}

function leafOf(index: number): Buffer {
  const leaf = Buffer.alloc(256 << 10)

  leaf.writeUInt32BE(index)

  return leaf
}
