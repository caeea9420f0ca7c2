import { once } from 'node:events'
import test from 'ava'
import fc from 'fast-check'
import {
  BlockUnavailableError,
  MemoryCache,
  SiteReader,
  SourceError,
  SourceMemory,
  type BlockSource,
  type FoundFile
} from '../../../../overlay/content/fetch/index.ts'
import { treeOf } from '../../../helpers/blocks.ts'
import { answerHonestly, startSource } from '../../../helpers/content-sources.ts'
import { noise } from '../../../helpers/noise.ts'

const CHUNK = 4096
const WINDOW = 4 * CHUNK
const BIG = noise(40 * CHUNK + 123, 7)
const TREE = await treeOf({ 'docs/big.bin': BIG, 'docs/small.txt': 'small' }, { chunk: CHUNK })
const NODES = new Map([...TREE.blocks].filter(([cid]) => cid.startsWith('bafybei')))
const FILES = { 'docs/big.bin': BIG, 'docs/small.txt': Buffer.from('small') }

test('whatever mix of sources lies, dies and stalls, one honest source is enough for exactly the right bytes (A17, C2)', async t => {
  const behaviour = fc.record({
    what: fc.constantFrom('wrong', 'short', 'long', 'dies', 'absent', 'stalls', 'other', 'honest'),
    /** From which request on, and at which byte. */
    after: fc.nat(5),
    at: fc.nat(3 * CHUNK),
    blocks: fc.boolean(),
    ranges: fc.boolean()
  })
  const span = fc.tuple(fc.nat(BIG.length), fc.nat(BIG.length))

  await fc.assert(
    fc.asyncProperty(
      fc.array(behaviour, { maxLength: 5 }),
      span,
      fc.nat(5),
      async (liars, ends, place) => {
        const [start = 0, end = 0] = ends.toSorted((a, b) => a - b)
        const sources = liars.map((liar, index) => sourceOf(`liar ${index}`, liar))

        sources.splice(Math.min(place, sources.length), 0, memorySource('honest'))

        const reader = readerOf(sources)
        const bytes = await readAll(reader, start, end)

        return bytes.equals(BIG.subarray(start, end))
      }
    ),
    { numRuns: 60 }
  )
  t.pass()
})

test('a range costs its own blocks and the path to them', async t => {
  const { source, requests } = await startSource(t, { kind: 'gateway', blocks: TREE.blocks })
  const reader = readerOf([source])

  t.deepEqual(
    await readAll(reader, 5 * CHUNK + 7, 6 * CHUNK + 1),
    BIG.subarray(5 * CHUNK + 7, 6 * CHUNK + 1)
  )
  t.is(requests.length, 3 + 2, 'root, folder, file, and two leaves')
})

test('an ordinary web server gives the files, and the tree comes from elsewhere (C17)', async t => {
  const web = await startSource(t, { kind: 'web', files: FILES })
  const nodes = await startSource(t, { kind: 'gateway', blocks: NODES })
  const reader = readerOf([web.source, nodes.source])

  t.deepEqual(await readAll(reader, CHUNK + 1, 20 * CHUNK), BIG.subarray(CHUNK + 1, 20 * CHUNK))
  t.true(web.requests.every(request => request.startsWith('/site/docs/big.bin bytes=')))

  const small = (await reader.find(['docs', 'small.txt'])) as FoundFile

  t.is(small.size, 5)
  t.deepEqual(Buffer.concat(await Array.fromAsync(reader.read(small))), Buffer.from('small'))
  t.is(web.requests.at(-1), '/site/docs/small.txt bytes=0-4')
})

test('a source that is alone is asked for one range', async t => {
  const cache = new MemoryCache(1 << 20)
  const web = await startSource(t, { kind: 'web', files: FILES })

  await readerOf([memorySource('nodes')], cache).find(['docs', 'big.bin'])
  t.deepEqual(
    await readAll(readerOf([web.source], cache), CHUNK + 1, 20 * CHUNK),
    BIG.subarray(CHUNK + 1, 20 * CHUNK)
  )
  t.deepEqual(web.requests, [`/site/docs/big.bin bytes=${CHUNK}-${20 * CHUNK - 1}`])
})

test('a source that dies in the middle is followed by another, from where it died', async t => {
  const dying = await startSource(t, {
    kind: 'web',
    files: FILES,
    behaviour: ({ response, honest }) => {
      response.writeHead(honest.status, honest.headers)
      response.write(honest.body.subarray(0, 10 * CHUNK + 5), () => response.destroy())
    }
  })
  const nodes = await startSource(t, { kind: 'gateway', blocks: NODES })
  const other = await startSource(t, { kind: 'web', files: FILES })
  let hasOther = false
  const reader = readerOf(() => [dying.source, nodes.source, ...(hasOther ? [other.source] : [])])
  const file = (await reader.find(['docs', 'big.bin'])) as FoundFile
  const chunks: Uint8Array[] = []

  for await (const chunk of reader.read(file)) {
    hasOther = true
    chunks.push(chunk)
  }
  t.deepEqual(Buffer.concat(chunks), BIG)
  t.false(
    other.requests.some(request => request.includes('bytes=0-')),
    'what was read is not read again'
  )
})

test('a source that breaks off after every block is asked again, as long as it gets on', async t => {
  const breaking = await startSource(t, {
    kind: 'web',
    files: FILES,
    behaviour: ({ response, honest }) => {
      response.writeHead(honest.status, honest.headers)
      response.write(honest.body.subarray(0, 8 * CHUNK + 5), () => response.destroy())
    }
  })
  const nodes = await startSource(t, { kind: 'gateway', blocks: NODES })

  t.deepEqual(await readAll(readerOf([breaking.source, nodes.source])), BIG)
})

test('aborting the reader ends all requests at once', async t => {
  const silent = await startSource(t, { kind: 'web', files: FILES, behaviour: () => {} })
  const nodes = await startSource(t, { kind: 'gateway', blocks: NODES })
  const reader = readerOf([silent.source, nodes.source])
  const file = (await reader.find(['docs', 'big.bin'])) as FoundFile
  const abort = new AbortController()
  const closed = Promise.withResolvers<void>()
  const reading = Array.fromAsync(reader.read(file, 0, file.size, { signal: abort.signal }))
  const watch = setInterval(() => {
    if (silent.requests.length > 0 && !abort.signal.aborted)
      abort.abort(new Error('the reader left'))
    if (abort.signal.aborted && silent.open() === 0) closed.resolve()
  }, 5)

  t.teardown(() => clearInterval(watch))
  await t.throwsAsync(reading, { message: 'the reader left' })
  await closed.promise
  t.is(silent.open(), 0)
})

test('a reader that leaves early ends the request', async t => {
  const ended = Promise.withResolvers<void>()
  const pouring = await startSource(t, {
    kind: 'web',
    files: FILES,
    behaviour: exchange => {
      const { response, honest } = exchange

      response.once('close', () => ended.resolve())
      response.writeHead(honest.status, honest.headers)
      response.write(honest.body.subarray(0, 8 * CHUNK))
    }
  })
  const nodes = await startSource(t, { kind: 'gateway', blocks: NODES })
  const reader = readerOf([pouring.source, nodes.source])
  const file = (await reader.find(['docs', 'big.bin'])) as FoundFile

  for await (const chunk of reader.read(file)) {
    t.true(chunk.length > 0)
    break
  }
  await ended.promise
  t.is(pouring.open(), 0)
})

test('many who want the same block at the same time wait for one transfer, and one who leaves takes it from nobody', async t => {
  const gate = Promise.withResolvers<void>()
  const { source, requests } = await startSource(t, {
    kind: 'gateway',
    blocks: TREE.blocks,
    behaviour: exchange => void gate.promise.then(() => answerHonestly(exchange))
  })
  const reader = readerOf([source], new MemoryCache(1 << 20))
  const leaving = new AbortController()
  const left = reader.find(['docs', 'big.bin'], { signal: leaving.signal })
  const others = Array.from({ length: 20 }, async () => reader.find(['docs', 'big.bin']))

  leaving.abort(new Error('left'))
  await t.throwsAsync(left, { message: 'left' })
  gate.resolve()

  for (const found of await Promise.all(others)) t.is(found.kind, 'file')
  t.is(requests.length, 3, 'root, folder and file, once each')
})

test('what is in the cache is not asked for, and what the cache turns out not to have is', async t => {
  const { source, requests } = await startSource(t, { kind: 'node', files: FILES, blocks: NODES })
  const cache = new MemoryCache(1 << 20)
  const reader = readerOf([source], cache)
  const forgetful = {
    has: () => true,
    get: async () => undefined,
    put: () => {}
  }

  t.deepEqual(await readAll(reader, 0, 20 * CHUNK), BIG.subarray(0, 20 * CHUNK))

  const known = requests.length

  t.deepEqual(await readAll(reader), BIG)
  t.deepEqual(requests.slice(known), [`/site/docs/big.bin bytes=${20 * CHUNK}-${BIG.length - 1}`])
  t.deepEqual(await readAll(readerOf([source], forgetful)), BIG)
})

test('without a source the error says so', async t => {
  const error = await t.throwsAsync(readerOf([]).find([]), { instanceOf: BlockUnavailableError })

  t.regex(error?.message ?? '', /there is no source to ask/)
  t.false(error?.isLie)
})

test('a range behind the end is empty', async t => {
  const reader = readerOf([memorySource('honest')])

  t.deepEqual(await readAll(reader, BIG.length, BIG.length + 10), Buffer.of())
  t.deepEqual(await readAll(reader, 10, 10), Buffer.of())
})

interface Lying {
  readonly what: string
  readonly after: number
  readonly at: number
  readonly blocks: boolean
  readonly ranges: boolean
}

function memorySource(id: string): BlockSource & Required<Pick<BlockSource, 'block' | 'range'>> {
  return {
    id,
    kind: 'node',
    block: async cid => TREE.blocks.get(cid.toString()),
    range: async function* (path, start, end) {
      const file = FILES[path.join('/') as keyof typeof FILES]

      for (let at = start; at < end; at += 1500) yield file.subarray(at, Math.min(end, at + 1500))
    }
  }
}

function sourceOf(id: string, lying: Lying): BlockSource {
  const honest = memorySource(id)
  let count = 0
  const isLying = (): boolean => (count += 1) > lying.after

  return {
    id,
    kind: 'node',
    ...(lying.blocks
      ? {
          block: async (cid, request) => {
            const bytes = await honest.block(cid, request)
            const chunks = isLying()
              ? await Array.fromAsync(lie(bytes ?? Buffer.of(), lying, request.signal))
              : [bytes ?? Buffer.of()]

            return lying.what === 'absent' ? undefined : Buffer.concat(chunks)
          }
        }
      : {}),
    ...(lying.ranges
      ? {
          range: async function* (path, start, end, request) {
            const bytes = Buffer.concat(
              await Array.fromAsync(honest.range(path, start, end, request))
            )

            if (isLying()) yield* lie(bytes, lying, request.signal)
            else yield bytes
          }
        }
      : {})
  }
}

async function* lie(
  bytes: Uint8Array,
  { what, at }: Lying,
  signal: AbortSignal
): AsyncGenerator<Uint8Array> {
  const changed = Buffer.from(bytes)
  const place = Math.min(at, Math.max(0, bytes.length - 1))

  switch (what) {
    case 'wrong':
      changed[place] = (changed[place] ?? 0) ^ 0x80
      yield changed
      break
    case 'short':
      yield changed.subarray(0, place)
      break
    case 'long':
      yield changed
      yield Buffer.alloc(at + 1)
      break
    case 'dies':
      yield changed.subarray(0, place)
      throw new Error('reset')
    case 'absent':
      throw new SourceError('absent', 'does not have it')
    case 'stalls':
      yield changed.subarray(0, place)
      await once(signal, 'abort')
      break
    case 'other':
      yield BIG.subarray(0, bytes.length)
      break
    default:
      yield changed
  }
}

function readerOf(
  sources: readonly BlockSource[] | (() => readonly BlockSource[]),
  cache: ConstructorParameters<typeof SiteReader>[0]['cache'] = new MemoryCache(0)
): SiteReader {
  return new SiteReader({
    site: 'a site',
    root: TREE.root,
    sources: typeof sources === 'function' ? sources : () => sources,
    cache,
    memory: new SourceMemory(),
    window: WINDOW
  })
}

async function readAll(reader: SiteReader, start?: number, end?: number): Promise<Buffer> {
  const file = (await reader.find(['docs', 'big.bin'])) as FoundFile

  return Buffer.concat(await Array.fromAsync(reader.read(file, start, end)))
}
