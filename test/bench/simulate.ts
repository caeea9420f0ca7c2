import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { SECOND } from '../../simulations/engine/ticks.ts'
import { PURPOSE } from '../../simulations/kademlia/kademlia.ts'
import {
  createNetwork,
  settleNodes,
  type EngineName,
  type KademliaNetwork
} from '../../simulations/kademlia/network.ts'
import type { Row } from './table.ts'

const NODES = 100_000
const MANY = 1_000_000
const WARM_UP = 5000
const LOOKUPS = 150_000

/** Virtual time over which the lookups begin. */
const DURATION: number = 60 * SECOND

/** What tells this module that it runs in such a thread. */
const MARK = 'plexnet-bench-simulate'

const KIB = 1024
const LOOKUP = 64

interface Measured {
  readonly engine: EngineName
  readonly nodes: number
  /** Of processor. */
  readonly buildSeconds: number
  /** Protocol events for a second of processor. */
  readonly speed: number
  readonly bytesPerNode: number
  readonly hash: string
}

/** Events of both engines for a second of processor, in one run, and a million nodes built. */
export async function measureSimulate(): Promise<Row[]> {
  const compact = await measureApart('compact', NODES)
  const readable = await measureApart('readable', NODES)
  const many = await measureApart('compact', MANY)

  return [
    speedRow(readable, 0.5),
    speedRow(
      compact,
      0.8,
      `, ${(compact.speed / readable.speed).toFixed(1)} times the readable one`
    ),
    speedRow(many, 0.5),
    {
      what: 'both engines leave the same trace',
      measured: `${compact.hash} ${readable.hash}`,
      target: 'equal',
      met: compact.hash === readable.hash
    },
    {
      what: `a network of ${MANY} nodes is built`,
      measured: `${many.buildSeconds.toFixed(1)} s of processor`,
      target: '<= 15 s',
      met: many.buildSeconds <= 15
    },
    {
      what: 'memory of a node among a million, all its state',
      measured: `${(many.bytesPerNode / KIB).toFixed(2)} KiB`,
      target: '<= 3.5 KiB',
      met: many.bytesPerNode <= 3.5 * KIB
    }
  ]
}

function speedRow({ engine, nodes, speed }: Measured, target: number, remark = ''): Row {
  return {
    what: `${engine} engine, ${nodes} nodes`,
    measured: `${(speed / 1e6).toFixed(2)} M events for a second of processor${remark}`,
    target: `>= ${target} M`,
    met: speed >= target * 1e6
  }
}

/** In a thread of its own, as runs are played: code that both engines use is compiled for one of them. */
async function measureApart(engine: EngineName, nodes: number): Promise<Measured> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { mark: MARK, engine, nodes } })
  const [measured]: Measured[] = await once(worker, 'message')

  await worker.terminate()
  if (measured == null) throw new Error(`the run of the ${engine} engine told nothing`)

  return measured
}

function measure(engine: EngineName, nodes: number): Measured {
  const memoryBefore = usedBytes()
  const buildStarted = cpuSeconds()
  const network = createNetwork({ nodes, seed: 1, engine, settings: { refresh: 0 } })

  settleNodes(network, [...Array(nodes).keys()])

  const buildSeconds = cpuSeconds() - buildStarted
  const bytesPerNode = (usedBytes() - memoryBefore) / nodes

  schedule(network)

  const started = cpuSeconds()

  network.simulation.advance(10 * DURATION)

  const { events, hash } = network.simulation.trace
  const speed = events / (cpuSeconds() - started)

  return { engine, nodes, buildSeconds, speed, bytesPerNode, hash }
}

/** Lookups of random keys by random nodes. */
function schedule({ simulation, kademlia, streams, nodes }: KademliaNetwork): void {
  const stream = streams.stream('workload')

  simulation.handle(LOOKUP, (_, node, target) =>
    kademlia.lookup(node, target, 1, PURPOSE.workload, 0)
  )
  for (let lookup = 0; lookup < LOOKUPS; lookup += 1) {
    simulation.after(
      Math.floor(stream.uniform() * DURATION),
      LOOKUP,
      stream.below(nodes),
      stream.bits()
    )
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()

  return (user + system) / 1e6
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()

  return heapUsed + arrayBuffers
}

if (!isMainThread && workerData?.mark === MARK) {
  const { engine, nodes }: { engine: EngineName; nodes: number } = workerData

  // The first run is one of code that is not compiled yet.
  measure(engine, WARM_UP)
  parentPort?.postMessage(measure(engine, nodes), [])
}
