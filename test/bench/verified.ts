import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'undici'
import { SMALL_NEW_SPACE, startNodeProcess, type NodeProcess } from '../../demo/node-process.ts'
import type { SeedCard } from '../../http-gateway/index.ts'
import { median, requestsPerSecond, transfer } from './load.ts'
import { cpuTime } from './server/cpu.ts'
import type { Row } from './table.ts'

const PASSPHRASE = 'bench'
const ROUNDS = 3
export const LARGE = 64 << 20
const HUGE = 1 << 30
const BLOCK = 256 << 10
const COLD_FILES = 20
const COLD_SIZE = 300 << 10
const SEEKS = 15
const SEEK_LENGTH = 64 << 10
const IN_FLIGHT = 8
const LOAD_DURATION = 1500
const LOAD_ROUNDS = 5

export interface Cost {
  /** ms */
  readonly wall: number
  /** Of the gateway, in ms. */
  readonly cpu: number
}

/** A gateway as clients see it. */
export interface Door {
  readonly origin: string
  readonly pid: number
}

/** What it costs that every byte is verified: a reader's gateway against the same gateway without trees, before one publisher. */
export async function measureVerified(home: string, site: string): Promise<Row[]> {
  const publisher = await startNodeProcess({ home: `${home}-a`, passphrase: PASSPHRASE })
  const [seed = ''] = (await publisher.ask<SeedCard>('seed')).urls
  const reader = await startNodeProcess({
    home: `${home}-b`,
    passphrase: PASSPHRASE,
    seeds: [seed]
  })
  const plain = await startUnverified(publisher.ready.http[0] ?? '')

  try {
    await Promise.all([publisher.ask('publish', site), reader.event('joined')])
    await publisher.event('signed')
    await reader.ask('publish', await smallSite(`${home}-own`))

    return await rowsOf(publisher, doorOf(reader), plain.door)
  } finally {
    plain.process.kill()
    await reader.stop()
    await publisher.stop()
  }
}

async function rowsOf(publisher: NodeProcess, reader: Door, plain: Door): Promise<Row[]> {
  const host = `${publisher.ready.address.replace('.', '-')}.localhost`
  const rounds = await largeRounds(reader, plain, host)
  const wall = median(rounds.map(([verified, other]) => other.wall / verified.wall))
  const cpu = median(rounds.map(([verified, other]) => verified.cpu / other.cpu))
  const firstByte = median(await firstBytes(reader, host))
  const seek = median(await seeks(reader, host))
  const [warm, own] = await warmRequests(reader, host)
  const memory = await peakMemory(reader.pid)

  return [
    row(
      '64 MiB cold and verified, against the same gateway without',
      `${wall.toFixed(2)} x (${speedsOf(rounds)} MiB/s)`,
      '>= 0.8 x',
      wall >= 0.8
    ),
    row('CPU of the gateway for it, against the same', `${cpu.toFixed(2)} x`, '<= 2 x', cpu <= 2),
    row(
      'first byte of a cold file of 300 KiB',
      `${firstByte.toFixed(1)} ms`,
      '<= 30 ms',
      firstByte <= 30
    ),
    row('seek to the middle of 1 GiB, cold', `${seek.toFixed(1)} ms`, '<= 25 ms', seek <= 25),
    row(
      'warm requests of 1 KiB, against the own hot site',
      `${(warm / own).toFixed(2)} x (${warm.toFixed(0)} and ${own.toFixed(0)} /s)`,
      '>= 0.5 x',
      warm / own >= 0.5
    ),
    row(
      'memory of the reading node at its peak',
      `${memory.toFixed(0)} MiB`,
      '<= 150 MiB',
      memory <= 150
    )
  ]
}

/** What the reader publishes itself, to compare with. */
async function smallSite(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'small.html'), 'x'.repeat(1024))

  return folder
}

/** Every block is another, or one would stand for all of them. */
export async function writeSite(site: string): Promise<void> {
  await mkdir(site, { recursive: true })
  await writeFile(join(site, 'small.html'), 'x'.repeat(1024))
  await writeDistinct(join(site, 'huge.bin'), HUGE, 'huge')
  for (let round = 0; round < ROUNDS; round += 1) {
    await writeDistinct(join(site, `large-${round}.bin`), LARGE, `large ${round}`)
  }
  for (let index = 0; index < COLD_FILES; index += 1) {
    await writeDistinct(join(site, `cold-${index}.bin`), COLD_SIZE, `cold ${index}`)
  }
}

async function writeDistinct(path: string, size: number, name: string): Promise<void> {
  const file = await open(path, 'w')
  const block = Buffer.alloc(BLOCK, name)

  try {
    for (let offset = 0; offset < size; offset += BLOCK) {
      block.write(`${name} ${offset};`)
      await file.write(block, 0, Math.min(BLOCK, size - offset), offset)
    }
  } finally {
    await file.close()
  }
}

/** In turn, so that a machine that slows down slows both. Each file is read once through the reader, which keeps it. */
async function largeRounds(
  reader: Door,
  plain: Door,
  host: string
): Promise<(readonly [verified: Cost, plain: Cost])[]> {
  const rounds: (readonly [Cost, Cost])[] = []

  for (let round = 0; round < ROUNDS; round += 1) {
    const path = `/large-${round}.bin`

    rounds.push([await costOf(reader, path, host), await costOf(plain, path, host)])
  }

  return rounds
}

export async function costOf({ origin, pid }: Door, path: string, host?: string): Promise<Cost> {
  const client = new Client(origin)
  const before = await cpuTime(pid)
  const { total, bytes } = await transfer(client, path, host)

  await client.close()
  if (bytes !== LARGE) throw new Error(`${path} came with ${bytes} bytes.`)

  return { wall: total, cpu: (await cpuTime(pid)) - before }
}

export async function firstBytes({ origin }: Door, host?: string): Promise<number[]> {
  const client = new Client(origin)
  const times: number[] = []

  for (let index = 0; index < COLD_FILES; index += 1) {
    times.push((await transfer(client, `/cold-${index}.bin`, host)).firstByte)
  }
  await client.close()

  return times
}

export async function seeks({ origin }: Door, host?: string): Promise<number[]> {
  const client = new Client(origin)
  const times: number[] = []

  for (let index = 0; index < SEEKS; index += 1) {
    // Each in a block that was not read before.
    const start = HUGE / 2 + index * 16 * BLOCK + 17
    const range = `bytes=${start}-${start + SEEK_LENGTH - 1}`
    const started = performance.now()
    const { body, statusCode } = await client.request({
      path: '/huge.bin',
      method: 'GET',
      headers: host == null ? { range } : { host, range }
    })

    if (statusCode !== 206) throw new Error(`A range is answered with ${statusCode}.`)

    const reading = body[Symbol.asyncIterator]()

    await reading.next()
    times.push(performance.now() - started)
    for await (const chunk of { [Symbol.asyncIterator]: () => reading }) void chunk
  }
  await client.close()

  return times
}

/** A small file of the publisher that was read before, and one of the reader's own site. */
async function warmRequests({ origin }: Door, host: string): Promise<[number, number]> {
  const load = { inFlight: IN_FLIGHT, duration: LOAD_DURATION }
  const rates: [number, number][] = []

  for (let round = 0; round < LOAD_ROUNDS; round += 1) {
    rates.push([
      await requestsPerSecond(origin, '/small.html', { ...load, host }),
      await requestsPerSecond(origin, '/small.html', load)
    ])
  }

  return [median(rates.map(([warm]) => warm)), median(rates.map(([, own]) => own))]
}

/** MiB. */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')

  return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) / 1024
}

async function startUnverified(origin: string): Promise<{ process: ChildProcess; door: Door }> {
  const child = spawn(
    process.execPath,
    [SMALL_NEW_SPACE, join(import.meta.dirname, 'unverified-gateway.ts'), origin],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  const [line]: unknown[] = await once(child.stdout, 'data')

  return {
    process: child,
    door: { origin: `http://127.0.0.1:${Number(String(line))}`, pid: child.pid ?? 0 }
  }
}

function doorOf({ ready, process: { pid = 0 } }: NodeProcess): Door {
  return { origin: ready.http[0] ?? '', pid }
}

function speedsOf(rounds: readonly (readonly [Cost, Cost])[]): string {
  return [0, 1]
    .map(
      side =>
        LARGE / (1 << 20) / (median(rounds.map(round => round[side]?.wall ?? Number.NaN)) / 1000)
    )
    .map(speed => speed.toFixed(0))
    .join(' and ')
}

function row(what: string, measured: string, target: string, met: boolean): Row {
  return { what, measured, target, met }
}
