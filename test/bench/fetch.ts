import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CID } from 'multiformats/cid'
import { Agent, request } from 'undici'
import {
  HttpSource,
  MemoryCache,
  SiteReader,
  SourceMemory,
  type BlockSource,
  type FoundFile
} from '../../overlay/content/fetch/index.ts'
import { getFrom } from '../helpers/content-sources.ts'
import { median } from './load.ts'
import type { Row } from './table.ts'

const ROUNDS = 7
const FIRST_BYTES = 30
const SLOW_ROUNDS = 3
/** Bytes a second of a source that is rate-limited, and what is read of it. */
const SLOW_RATE = 8 << 20
const SLOW_BYTES = 16 << 20

interface Server {
  readonly process: ChildProcess
  readonly origin: string
  readonly root: CID
  readonly source: BlockSource
  readonly agent: Agent
}

interface Cost {
  readonly wall: number
  readonly cpu: number
}

interface Round {
  readonly verified: Cost
  readonly plain: Cost
  /** With one SHA-256 over all bytes. */
  readonly hashed: Cost
}

/** Verified reading from sources on this machine, against passing on the same bytes unverified. */
export async function measureFetch(): Promise<Row[]> {
  const [fast, ...slow] = await Promise.all([
    startServer(0),
    startServer(SLOW_RATE),
    startServer(SLOW_RATE)
  ])

  try {
    const rounds = await inTurn(fast)
    const wall = median(rounds.map(({ verified, plain }) => plain.wall / verified.wall))
    const cpu = median(rounds.map(({ verified, hashed }) => hashed.cpu / verified.cpu))
    const whole = median(rounds.map(({ verified, plain }) => plain.cpu / verified.cpu))
    const firstByte = await medianOf(FIRST_BYTES, () => firstByteAt(fast, 'big.bin', 0))
    const seek = await medianOf(FIRST_BYTES, () => firstByteAt(fast, 'huge.bin', (512 << 20) + 17))
    const two = await medianOf(SLOW_ROUNDS, () => gainOfSecond(slow))

    return [
      row(
        '64 MiB passed on verified, against unverified',
        `${wall.toFixed(2)} x`,
        '>= 0.8 x',
        wall >= 0.8
      ),
      row(
        `CPU of that, against unverified with a SHA-256 over it (${whole.toFixed(2)} x without)`,
        `${cpu.toFixed(2)} x`,
        '>= 0.8 x',
        cpu >= 0.8
      ),
      row(
        'first byte of a cold file, with its folder',
        `${firstByte.toFixed(1)} ms`,
        '<= 30 ms',
        firstByte <= 30
      ),
      row(
        'first byte in the middle of 1 GiB, nothing cached',
        `${seek.toFixed(1)} ms`,
        '<= 25 ms',
        seek <= 25
      ),
      row('two sources of 8 MiB/s, against one', `${two.toFixed(2)} x`, '>= 1.6 x', two >= 1.6)
    ]
  } finally {
    for (const server of [fast, ...slow]) {
      await server.agent.destroy()
      server.process.kill()
    }
  }
}

function row(what: string, measured: string, target: string, met: boolean): Row {
  return { what, measured, target, met }
}

async function startServer(rate: number): Promise<Server> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'fetch-server.ts'), String(rate)],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  const [line]: unknown[] = await once(child.stdout, 'data')
  const { port, root } = JSON.parse(String(line)) as { port: number; root: string }
  const origin = `http://127.0.0.1:${port}`
  const agent = new Agent({ connections: 8, allowH2: false })

  return {
    process: child,
    origin,
    root: CID.parse(root),
    agent,
    source: new HttpSource({
      id: origin,
      kind: 'node',
      get: getFrom(origin, agent),
      files: '/site/',
      blocks: '/ipfs/'
    })
  }
}

function readerOf(root: CID, sources: readonly BlockSource[]): SiteReader {
  return new SiteReader({
    site: 'bench',
    root,
    sources: () => sources,
    cache: new MemoryCache(0),
    memory: new SourceMemory()
  })
}

/** All in turn, so that a machine that slows down slows all. */
async function inTurn(server: Server): Promise<Round[]> {
  const proxy = createServer((incoming, response) => {
    pipeline(bodyOf(server, incoming.url ?? ''), response).catch(() => response.destroy())
  })
  const rounds: Round[] = []

  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')

  const origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`

  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({
      verified: await costOf(`${origin}/verified`),
      plain: await costOf(`${origin}/plain`),
      hashed: await costOf(`${origin}/hashed`)
    })
  }
  proxy.close()

  return rounds
}

function bodyOf(server: Server, path: string): AsyncIterable<Uint8Array> {
  switch (path) {
    case '/verified':
      return verifiedFrom(server)
    case '/hashed':
      return withHash(plainFrom(server))
    default:
      return plainFrom(server)
  }
}

async function* withHash(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')

  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
  hash.digest()
}

async function* verifiedFrom({ root, source }: Server): AsyncGenerator<Uint8Array> {
  const reader = readerOf(root, [source])

  yield* reader.read(await fileOf(reader, 'big.bin'))
}

async function* plainFrom({ origin, agent }: Server): AsyncGenerator<Uint8Array> {
  const { body } = await request(`${origin}/site/big.bin`, { dispatcher: agent })

  yield* body
}

async function fileOf(reader: SiteReader, name: string): Promise<FoundFile> {
  const found = await reader.find([name])

  if (found.kind !== 'file') throw new Error(`${name} is not there`)

  return found
}

/** What this process spends while curl reads a file through it. */
async function costOf(url: string): Promise<Cost> {
  const before = process.cpuUsage()
  const started = performance.now()
  const curl = spawn('curl', ['-sS', '-o', '/dev/null', '-w', '%{size_download}', url], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [bytes] = (await once(curl.stdout, 'data')) as [Buffer]
  const { user, system } = process.cpuUsage(before)

  if (Number(bytes.toString()) !== 64 << 20) throw new Error(`${bytes.toString()} bytes came`)

  return { wall: performance.now() - started, cpu: user + system }
}

async function firstByteAt({ root, source }: Server, name: string, start: number): Promise<number> {
  const started = performance.now()
  const reader = readerOf(root, [source])
  const file = await fileOf(reader, name)

  for await (const chunk of reader.read(file, start)) {
    if (chunk.length > 0) break
  }

  return performance.now() - started
}

/** How many times faster two sources give the same bytes than one of them. */
async function gainOfSecond(slow: readonly Server[]): Promise<number> {
  const [one] = slow

  if (one == null) throw new Error('no server')

  const alone = await readPart(one.root, [one.source])
  const both = await readPart(
    one.root,
    slow.map(({ source }) => source)
  )

  return alone / both
}

async function readPart(root: CID, sources: readonly BlockSource[]): Promise<number> {
  const reader = readerOf(root, sources)
  const file = await fileOf(reader, 'big.bin')
  const started = performance.now()

  for await (const chunk of reader.read(file, 0, SLOW_BYTES)) {
    if (chunk.length === 0) throw new Error('an empty chunk')
  }

  return performance.now() - started
}

async function medianOf(rounds: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = []

  for (let round = 0; round < rounds; round += 1) values.push(await measure())

  return median(values)
}
