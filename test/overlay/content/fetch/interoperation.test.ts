import { unixfs } from '@helia/unixfs'
import test from 'ava'
import { exporter } from 'ipfs-unixfs-exporter'
import { importer, type ImporterOptions } from 'ipfs-unixfs-importer'
import { fixedSize, rabin } from 'ipfs-unixfs-importer/chunker'
import { balanced, flat, trickle } from 'ipfs-unixfs-importer/layout'
import type { CID } from 'multiformats/cid'
import {
  MemoryCache,
  SiteReader,
  SourceMemory,
  type FoundFile,
  type FoundFolder
} from '../../../../overlay/content/fetch/index.ts'
import { noise } from '../../../helpers/noise.ts'

const FILES = {
  'empty.txt': Buffer.alloc(0),
  'hello.txt': Buffer.from('hello'),
  'docs/large.bin': noise(1_000_003, 5),
  'docs/Ünïcödé 日本.txt': Buffer.from('a name beyond ASCII'),
  ...Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [`many/file ${index}.txt`, Buffer.from(`${index}`)])
  )
}

/** Settings of our own, of Kubo's defaults old and new, and stranger ones. */
const SETTINGS: Readonly<Record<string, ImporterOptions>> = {
  'our own': {
    rawLeaves: true,
    chunker: fixedSize({ chunkSize: 256 << 10 }),
    layout: balanced({ maxChildrenPerNode: 1024 })
  },
  'the defaults of CIDv0, 174 links and leaves that are no raw blocks': {
    rawLeaves: false,
    cidVersion: 0,
    chunker: fixedSize({ chunkSize: 4096 }),
    layout: balanced({ maxChildrenPerNode: 174 })
  },
  'many levels': {
    rawLeaves: true,
    chunker: fixedSize({ chunkSize: 2048 }),
    layout: balanced({ maxChildrenPerNode: 3 })
  },
  'a trickle tree': {
    rawLeaves: true,
    chunker: fixedSize({ chunkSize: 4096 }),
    layout: trickle({ layerRepeat: 2, maxChildrenPerNode: 5 })
  },
  'a trickle tree whose leaves are no raw blocks': {
    rawLeaves: false,
    leafType: 'raw',
    chunker: fixedSize({ chunkSize: 4096 }),
    layout: trickle({ layerRepeat: 4, maxChildrenPerNode: 20 })
  },
  'one level, and blocks cut by content': {
    rawLeaves: true,
    chunker: rabin({ minChunkSize: 2048, avgChunkSize: 8192, maxChunkSize: 32_768 }),
    layout: flat()
  },
  'sharded folders': { rawLeaves: true, shardSplitThresholdBytes: 0 },
  'sharded folders of 16 slots': {
    rawLeaves: true,
    shardSplitThresholdBytes: 0,
    shardFanoutBits: 4
  },
  'modes and times': { rawLeaves: true, reduceSingleLeafToSelf: false }
}

for (const [name, settings] of Object.entries(SETTINGS)) {
  test(`${name}: what IPFS software wrote is read as it is, and as IPFS software reads it`, async t => {
    const { root, blocks } = await importedWith(settings)
    const reader = new SiteReader({
      site: 'a site',
      root,
      sources: () => [
        { id: 'blocks', kind: 'node', block: async cid => blocks.get(cid.toString()) }
      ],
      cache: new MemoryCache(4 << 20),
      memory: new SourceMemory()
    })

    for (const [path, content] of Object.entries(FILES)) {
      const file = (await reader.find(path.split('/'))) as FoundFile

      t.is(file.kind, 'file', path)
      t.is(file.size, content.length)
      if (!content.equals(Buffer.concat(await Array.fromAsync(reader.read(file))))) t.fail(path)
    }

    const large = (await reader.find(['docs', 'large.bin'])) as FoundFile
    const part = Buffer.concat(await Array.fromAsync(reader.read(large, 5000, 777_777)))

    t.true(part.equals(FILES['docs/large.bin'].subarray(5000, 777_777)))
    t.deepEqual(
      await namesIn(reader, ['many']),
      Array.from({ length: 400 }, (_, index) => `file ${index}.txt`).toSorted()
    )
    t.is((await reader.find(['many', 'file 400.txt'])).kind, 'missing')

    const store = {
      get: async function* (cid: CID) {
        yield blocks.get(cid.toString()) ?? Buffer.of()
      }
    }
    const theirs = await exporter(large.cid, store)
    const helia = unixfs({ blockstore: store } as never)

    if (theirs.type !== 'file' && theirs.type !== 'raw') t.fail(theirs.type)
    else
      t.true(Buffer.concat(await Array.fromAsync(theirs.content())).equals(FILES['docs/large.bin']))
    t.true(
      Buffer.concat(await Array.fromAsync(helia.cat(large.cid))).equals(FILES['docs/large.bin'])
    )
  })
}

async function namesIn(reader: SiteReader, path: readonly string[]): Promise<string[]> {
  const folder = (await reader.find(path)) as FoundFolder

  return (await Array.fromAsync(reader.names(folder))).map(({ name }) => name).toSorted()
}

async function importedWith(
  settings: ImporterOptions
): Promise<{ root: CID; blocks: Map<string, Uint8Array> }> {
  const blocks = new Map<string, Uint8Array>()
  const source = Object.entries(FILES).map(([path, content]) => ({
    path,
    content,
    // With these ipfs-unixfs-importer wraps small files twice whose leaves are no raw blocks.
    ...(settings.rawLeaves === false
      ? {}
      : { mode: 0o644, mtime: { secs: 1_700_000_000n, nsecs: 5 } })
  }))
  const store = {
    put: async (cid: CID, bytes: Uint8Array): Promise<CID> => {
      blocks.set(cid.toString(), bytes)

      return cid
    }
  }
  let root: CID | undefined

  for await (const entry of importer(source, store, {
    cidVersion: 1,
    wrapWithDirectory: true,
    ...settings
  })) {
    root = entry.cid
  }
  if (root == null) throw new Error('nothing was imported')

  return { root, blocks }
}
