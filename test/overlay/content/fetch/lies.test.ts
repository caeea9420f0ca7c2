import test, { type ExecutionContext } from 'ava'
import type { CID } from 'multiformats/cid'
import {
  BlockUnavailableError,
  MemoryCache,
  SiteReader,
  SourceMemory,
  type BlockSource,
  type FoundFile
} from '../../../../overlay/content/fetch/index.ts'
import { treeOf } from '../../../helpers/blocks.ts'
import { lies, RANGE_LIES, type Lie } from '../../../helpers/content-lies.ts'
import {
  startSource,
  type SourceOptions,
  type TestSource
} from '../../../helpers/content-sources.ts'
import { noise } from '../../../helpers/noise.ts'

const CHUNK = 4096
const BIG = noise(20 * CHUNK + 123, 7)
const OLD = noise(BIG.length, 13)
const FILES = {
  'docs/big.bin': BIG,
  'docs/small.txt': noise(1000, 3),
  'docs/other.bin': noise(BIG.length, 11)
}
const TREE = await treeOf(FILES, { chunk: CHUNK })
/** Blocks that are no part of a file, which a web server does not have. */
const NODES = new Map([...TREE.blocks].filter(([cid]) => cid.startsWith('bafybei')))
const WINDOW = 4 * CHUNK
const ROUNDS = 20

const KINDS = ['node', 'web', 'gateway'] as const

for (const kind of KINDS) {
  const all = kind === 'gateway' ? lies('') : [...lies(''), ...RANGE_LIES]

  for (const { name } of all) {
    test(`a ${kind} that sends ${name} is found out, and the reader gets right bytes from another (A17, C2)`, async t => {
      const elsewhere = await startSource(t, { kind: 'web', files: FILES })
      const lie = lieCalled(name, elsewhere)
      const liar = await startSource(t, { ...dataOf(kind), behaviour: lie.behaviour })
      const honest = await startSource(t, dataOf(kind))
      const nodes = await startSource(t, { kind: 'gateway', blocks: NODES })
      let memory = new SourceMemory()
      const sources = [liar, honest, nodes].map(({ source }) => source)

      t.deepEqual(await readAll(reader(sources, memory)), BIG)
      t.deepEqual(elsewhere.requests, [], 'nobody follows')
      if (!lie.isProof) return

      // On a busy machine the honest source may have been quicker than the lie.
      for (let round = 0; round < ROUNDS && memory.faults().length === 0; round += 1) {
        memory = new SourceMemory()
        t.deepEqual(await readAll(reader(sources, memory)), BIG)
      }

      const known = liar.requests.length
      const [fault] = memory.faults()

      t.is(fault?.source, liar.source.id)
      t.is(fault?.kind, 'wrong')
      t.is(fault?.site, 'a site')
      t.true(fault != null && fault.cid.length > 0 && fault.reason.length > 0 && fault.time > 0)
      t.deepEqual(await readAll(reader(sources, memory)), BIG)
      t.is(liar.requests.length, known, 'the liar is not asked again')
    })

    test(`a ${kind} that sends ${name} and is alone brings an error and no wrong byte`, async t => {
      const elsewhere = await startSource(t, { kind: 'web', files: FILES })
      const lie = lieCalled(name, elsewhere)

      if (lie.isEndless === true) {
        t.pass('the plan of deadlines is tested with a clock of its own')

        return
      }

      const liar = await startSource(t, { ...dataOf(kind), behaviour: lie.behaviour })
      const nodes = await startSource(t, { kind: 'gateway', blocks: NODES })
      const memory = new SourceMemory()
      const got: Uint8Array[] = []
      const error = await t.throwsAsync(
        readInto(got, reader([liar.source, nodes.source], memory)),
        { instanceOf: BlockUnavailableError }
      )

      t.is(error?.code, 'PLEXNET_BLOCK_UNAVAILABLE')
      t.is(error?.isLie, lie.isProof)
      t.true(error?.message.includes(liar.source.id))
      t.true(BIG.subarray(0, Buffer.concat(got).length).equals(Buffer.concat(got)))
      t.deepEqual(elsewhere.requests, [])
    })
  }
}

test('right bytes of another path are found out', async t => {
  const { 'docs/big.bin': big, 'docs/other.bin': other } = FILES
  const swapped = { ...FILES, 'docs/big.bin': other, 'docs/other.bin': big }

  await isFoundOut(t, await startSource(t, { kind: 'web', files: swapped }))
})

test('a copy of an earlier version is not used for this root, and asked again for the next', async t => {
  const old = await treeOf({ ...FILES, 'docs/big.bin': OLD }, { chunk: CHUNK })
  const stale = await startSource(t, {
    kind: 'node',
    files: { ...FILES, 'docs/big.bin': OLD },
    blocks: old.blocks
  })
  const web = await startSource(t, { kind: 'web', files: { ...FILES, 'docs/big.bin': OLD } })
  const honest = await startSource(t, dataOf('node'))
  const memory = new SourceMemory()

  t.deepEqual(await readAll(reader([stale.source, web.source, honest.source], memory)), BIG)
  t.true(
    memory.faults().every(({ byCid }) => !byCid),
    'it never said that it had this block'
  )

  const earlier = readerOf(old.root, [web.source, stale.source], memory)

  t.deepEqual(await readAll(earlier), OLD)
})

test('blocks of a valid tree of another signer are wrong blocks (A17)', async t => {
  const other = await treeOf({ 'docs/big.bin': OLD }, { chunk: CHUNK })
  const root = other.blocks.get(other.root.toString()) ?? new Uint8Array(0)
  const blocks = new Map([...TREE.blocks.keys()].map(cid => [cid, root] as const))
  const liar = await startSource(t, { kind: 'node', blocks })

  await isFoundOut(t, liar)
})

async function isFoundOut(t: ExecutionContext, liar: TestSource): Promise<void> {
  const honest = await startSource(t, dataOf('web'))
  const nodes = await startSource(t, { kind: 'gateway', blocks: NODES })
  const sources = [liar, honest, nodes].map(({ source }) => source)
  let memory = new SourceMemory()

  t.deepEqual(await readAll(reader(sources, memory)), BIG)
  for (let round = 0; round < ROUNDS && memory.faults().length === 0; round += 1) {
    memory = new SourceMemory()
    t.deepEqual(await readAll(reader(sources, memory)), BIG)
  }

  const known = liar.requests.length

  t.is(memory.faults()[0]?.source, liar.source.id)
  t.deepEqual(await readAll(reader(sources, memory)), BIG)
  t.is(liar.requests.length, known, 'the liar is not asked again')
}

function lieCalled(name: string, elsewhere: TestSource): Lie {
  const lie = [...lies(elsewhere.origin), ...RANGE_LIES].find(one => one.name === name)

  if (lie == null) throw new Error(`no lie is called ${name}`)

  return lie
}

function dataOf(kind: (typeof KINDS)[number]): SourceOptions {
  return {
    kind,
    ...(kind === 'gateway' ? {} : { files: FILES }),
    ...(kind === 'web' ? {} : { blocks: TREE.blocks })
  }
}

function reader(sources: readonly BlockSource[], memory: SourceMemory): SiteReader {
  return readerOf(TREE.root, sources, memory)
}

function readerOf(root: CID, sources: readonly BlockSource[], memory: SourceMemory): SiteReader {
  return new SiteReader({
    site: 'a site',
    root,
    sources: () => sources,
    cache: new MemoryCache(0),
    memory,
    window: WINDOW
  })
}

async function readAll(site: SiteReader): Promise<Buffer> {
  const chunks: Uint8Array[] = []

  await readInto(chunks, site)

  return Buffer.concat(chunks)
}

async function readInto(chunks: Uint8Array[], site: SiteReader): Promise<void> {
  const file = (await site.find(['docs', 'big.bin'])) as FoundFile

  for await (const chunk of site.read(file)) chunks.push(chunk)
}
