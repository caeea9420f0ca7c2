import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Client } from 'undici'
import { startNodeProcess } from '../../demo/node-process.ts'
import type { SeedCard } from '../../http-gateway/index.ts'
import { median, requestsPerSecond, transfer } from './load.ts'
import type { Row } from './table.ts'

const PASSPHRASE = 'bench'
const ROUNDS = 5
const TRANSFERS = 3
const FIRST_BYTES = 50
const IN_FLIGHT = 8
const LOAD_DURATION = 1500

/** Where a client asks, and by which Host. */
interface Source {
  readonly origin: string
  readonly host?: string
}

interface Figures {
  readonly throughput: number
  readonly requests: number
}

/** A document of another node through the gateway, against a proxy of plain Node before the same publisher. */
export async function measureGateway(home: string, site: string): Promise<Row[]> {
  const publisher = await startNodeProcess({ home: `${home}-a`, passphrase: PASSPHRASE })
  const [seed = ''] = (await publisher.ask<SeedCard>('seed')).urls
  const reader = await startNodeProcess({
    home: `${home}-b`,
    passphrase: PASSPHRASE,
    seeds: [seed]
  })
  const proxy = await startPlainProxy(publisher.ready.http[0] ?? '')

  try {
    await reader.event('joined')
    await publisher.ask('publish', site)

    const gateway: Source = {
      origin: reader.ready.http[0] ?? '',
      host: `${publisher.ready.address.replace('.', '-')}.localhost`
    }
    const plain: Source = { origin: `http://127.0.0.1:${proxy.port}` }
    const firstByte = await firstByteOf(gateway)
    const rounds = await inTurn(gateway, plain)
    const throughput = median(rounds.map(([ours, theirs]) => ours.throughput / theirs.throughput))
    const requests = median(rounds.map(([ours, theirs]) => ours.requests / theirs.requests))

    return [
      {
        what: 'first byte of a remote document, warm connection',
        measured: `${firstByte.toFixed(1)} ms`,
        target: '<= 3 ms',
        met: firstByte <= 3
      },
      {
        what: '64 MiB through the gateway, against a plain Node proxy',
        measured: `${throughput.toFixed(2)} x (${describe(rounds, 'throughput')} MiB/s)`,
        target: '>= 0.8 x',
        met: throughput >= 0.8
      },
      {
        what: 'requests of 1 KiB a second, 8 in flight, against the same',
        measured: `${requests.toFixed(2)} x (${describe(rounds, 'requests')} /s)`,
        target: '>= 1.0 x',
        met: requests >= 1
      }
    ]
  } finally {
    proxy.process.kill()
    await reader.stop()
    await publisher.stop()
  }
}

/** Both sides in turn, so that a machine that slows down slows both. */
async function inTurn(gateway: Source, plain: Source): Promise<(readonly [Figures, Figures])[]> {
  const rounds: (readonly [Figures, Figures])[] = []

  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push([await figuresOf(gateway), await figuresOf(plain)])
  }

  return rounds
}

async function figuresOf({ origin, host }: Source): Promise<Figures> {
  const client = new Client(origin)
  const speeds: number[] = []

  for (let index = 0; index < TRANSFERS; index += 1) {
    const { bytes, total } = await transfer(client, '/large.bin', host)

    speeds.push(bytes / (1 << 20) / (total / 1000))
  }
  await client.close()

  return {
    throughput: median(speeds),
    requests: await requestsPerSecond(origin, '/small.html', {
      inFlight: IN_FLIGHT,
      duration: LOAD_DURATION,
      ...(host == null ? {} : { host })
    })
  }
}

async function firstByteOf({ origin, host }: Source): Promise<number> {
  const client = new Client(origin)
  const times: number[] = []

  for (let index = 0; index < FIRST_BYTES; index += 1) {
    times.push((await transfer(client, '/small.html', host)).firstByte)
  }
  await client.close()

  return median(times)
}

async function startPlainProxy(origin: string): Promise<{ process: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'plain-proxy.ts'), origin], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [line]: unknown[] = await once(child.stdout, 'data')

  return { process: child, port: Number(String(line)) }
}

function describe(rounds: readonly (readonly [Figures, Figures])[], figure: keyof Figures): string {
  const sides = [0, 1].map(side =>
    median(rounds.map(round => round[side]?.[figure] ?? Number.NaN)).toFixed(0)
  )

  return sides.join(' and ')
}
