import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Order, Report } from './announcements-nodes.ts'
import { percentile } from './load.ts'
import type { Row } from './table.ts'
import { SMALL_NEW_SPACE } from '../../demo/node-process.ts'

/** Fewer with BENCH_PROCESSES and BENCH_NODES: fifty nodes take minutes of processor time to get to know each other. */
const PROCESSES = Number(process.env['BENCH_PROCESSES'] ?? 5)
const NODES_EACH = Number(process.env['BENCH_NODES'] ?? 50) / PROCESSES
const ROUNDS = 20
const FLOODERS = 10

/** Each node trusts those so many places further, and they trust it: everybody is within four steps. */
const STRIDES = [1, 7, 16]

/** A round ends when all have heard, or after this long, in ms; then what is not there has not come. */
const ROUND = 10_000

/** Rounds that are not counted, until one reaches all: a mesh is made in the first seconds. */
const MAX_WARM_UPS = 30

const ON_TIME = 1000
const MIB = 1024 * 1024

/** How soon news are everywhere, without and with strangers who flood the network. */
export async function measureAnnouncements(): Promise<Row[]> {
  const workers: Worker[] = []

  try {
    const first = await startWorker(workers)
    await first.start(1, [])

    const seedUrl = first.multiaddrs[0] ?? ''

    for (let index = 0; index < PROCESSES; index++) {
      const worker = await startWorker(workers)

      await worker.start(NODES_EACH, [seedUrl])
    }

    const village = workers.slice(1)
    const everybody = village.flatMap(({ addresses }) => addresses)

    const friends = village.map((_, index) => friendsOf(everybody, index))

    await Promise.all(village.map(async (worker, index) => worker.trust(friends[index] ?? [])))
    await Promise.all(village.map(async worker => worker.order({ do: 'refresh' })))
    await Promise.all(
      village.map(async (worker, index) =>
        worker.order({ do: 'meet', parties: friends[index] ?? [] })
      )
    )
    await warmUp(village, everybody)

    const calm = await measureRounds(village, everybody)
    // What follows takes long, and this is worth knowing by itself.
    console.log(`without a flood: ${spreadText(calm)}`)

    const before = memoryOf(village)
    const flooder = await startWorker(workers)

    await flooder.order({
      do: 'flood',
      count: FLOODERS,
      multiaddrs: village.flatMap(({ multiaddrs }) => multiaddrs)
    })

    const flooded = await measureRounds(village, everybody)
    const grown = (memoryOf(village) - before) / MIB

    return rowsOf(calm, flooded, grown, everybody.length)
  } finally {
    for (const { process } of workers) if (process.connected) process.disconnect()
    await Promise.all(workers.map(async ({ process }) => process.exitCode ?? once(process, 'exit')))
  }
}

interface Spread {
  readonly reachedOnTime: number
  readonly p95: number
  readonly p50: number
}

function spreadText({ reachedOnTime, p50, p95 }: Spread): string {
  return `${(reachedOnTime * 100).toFixed(1)} % (p50 ${p50} ms, p95 ${p95} ms)`
}

function rowsOf(calm: Spread, flooded: Spread, grown: number, nodes: number): Row[] {
  const ratio = flooded.p95 / calm.p95

  return [
    {
      what: `news to ${nodes} nodes in ${PROCESSES} processes, within 1 s`,
      measured: spreadText(calm),
      target: '>= 99 %',
      met: calm.reachedOnTime >= 0.99
    },
    {
      what: `the same while ${FLOODERS} strangers flood`,
      measured: spreadText(flooded),
      target: '>= 99 %',
      met: flooded.reachedOnTime >= 0.99
    },
    {
      what: 'p95 with the flood against without',
      measured: `${ratio.toFixed(2)} x`,
      target: '<= 1.5 x',
      met: ratio <= 1.5
    },
    {
      what: 'memory of all nodes that the flood cost',
      measured: `${grown.toFixed(0)} MiB`,
      target: `<= ${nodes * 8} MiB`,
      met: grown <= nodes * 8
    }
  ]
}

/** Resolves when news reach all. */
async function warmUp(village: readonly Worker[], everybody: readonly string[]): Promise<void> {
  for (let round = 0; round < MAX_WARM_UPS; round++) {
    const delays = await announceOnce(village, everybody, -1 - round)

    if (delays.length >= everybody.length - 1) return
  }
  throw new Error(`after ${MAX_WARM_UPS} rounds news do not reach all nodes`)
}

async function measureRounds(
  village: readonly Worker[],
  everybody: readonly string[]
): Promise<Spread> {
  const delays: number[] = []

  for (let round = 0; round < ROUNDS; round++) {
    delays.push(...(await announceOnce(village, everybody, round)))
  }

  return {
    reachedOnTime:
      delays.filter(each => each <= ON_TIME).length / (ROUNDS * (everybody.length - 1)),
    p50: percentile(delays, 0.5),
    p95: percentile(delays, 0.95)
  }
}

/** One node says something new; after how many ms each of the others heard it. */
async function announceOnce(
  village: readonly Worker[],
  everybody: readonly string[],
  round: number
): Promise<number[]> {
  const place = (Math.imul(round, 11) + 5) % everybody.length
  const origin = (place + everybody.length) % everybody.length
  const subject = everybody[(origin + 3) % everybody.length] ?? ''
  const worker = village[Math.floor(origin / NODES_EACH)]

  if (worker == null) throw new RangeError(`There is no node ${origin}`)

  await worker.order({ do: 'announce', node: origin % NODES_EACH, subject })

  const said = worker.said.at(-1)
  const end = Date.now() + ROUND
  const delays: number[] = []

  while (delays.length < everybody.length - 1 && Date.now() < end) {
    await delay(50)
    for (const { heard } of village) {
      for (const each of heard.splice(0)) {
        if (said != null && each.origin === said.origin && each.seq === said.seq) {
          delays.push(Math.max(each.at - said.at, 0))
        }
      }
    }
  }

  return delays
}

/** Whom the nodes of one process trust, by the ring of all. */
function friendsOf(everybody: readonly string[], process: number): string[][] {
  const at = (place: number): string => everybody.at(place % everybody.length) ?? ''

  return Array.from({ length: NODES_EACH }, (_, node) => {
    const place = process * NODES_EACH + node

    const friends = new Set(STRIDES.flatMap(stride => [at(place + stride), at(place - stride)]))

    friends.delete(at(place))

    return [...friends]
  })
}

function memoryOf(village: readonly Worker[]): number {
  return village.reduce((sum, { rss }) => sum + rss, 0)
}

type Told = Extract<Report, { kind: 'heard' | 'said' }>

/** A process with nodes in it. */
class Worker {
  readonly process: ChildProcess
  readonly heard: Told[] = []
  readonly said: Told[] = []
  addresses: readonly string[] = []
  multiaddrs: readonly string[] = []
  rss = 0

  constructor(process: ChildProcess) {
    this.process = process
    process.on('message', (report: Report) => {
      if (report.kind === 'heard') this.heard.push(report)
      if (report.kind === 'said') this.said.push(report)
      if (report.kind === 'memory') this.rss = report.rss
      if (report.kind === 'started') {
        this.addresses = report.addresses
        this.multiaddrs = report.multiaddrs
      }
    })
  }

  async start(count: number, seeds: readonly string[]): Promise<void> {
    await this.order({ do: 'start', count, seeds })
  }

  async trust(parties: readonly (readonly string[])[]): Promise<void> {
    await this.order({ do: 'trust', parties })
  }

  /** Resolves when it is carried out. */
  async order(order: Order): Promise<void> {
    const done = Promise.withResolvers<void>()
    const onMessage = ({ kind }: Report): void => {
      if (kind === 'done') done.resolve()
    }
    const onExit = (): void => done.reject(new Error('the process with the nodes ended'))

    this.process.on('message', onMessage).once('exit', onExit)
    this.process.send(order)

    try {
      await done.promise
    } finally {
      this.process.off('message', onMessage).off('exit', onExit)
    }
  }
}

async function startWorker(workers: Worker[]): Promise<Worker> {
  const child = fork(new URL('./announcements-nodes.ts', import.meta.url), {
    execArgv: [SMALL_NEW_SPACE]
  })
  const worker = new Worker(child)

  workers.push(worker)
  await once(child, 'spawn')

  return worker
}
