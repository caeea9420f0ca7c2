import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import { nearestPeers } from '../../../overlay/dht/nearest.ts'
import type { KademliaSettings } from '../../../overlay/host/service.ts'
import type { RandomStream } from '../../engine/random.ts'
import { FILL_ROUNDS } from '../../kademlia/grown-network.ts'
import type { Order, Result } from '../order.ts'
import type { SeenLookup } from '../seen.ts'
import { RealWorker } from '../worker/run.ts'

/** Nodes of a worker: each takes some 10 MB, and 3 to 6 ms of processor a message. */
const NODES_PER_WORKER = 25

/** Nodes that are started or fill their tables side by side. */
const AT_ONCE = 4

/** A network of real nodes on this machine; it must be ended. */
export class RealNetwork implements AsyncDisposable {
  readonly #folder: string
  readonly #workers: readonly RealWorker[]
  /** By node, of those that are on: where to dial it. */
  readonly #addresses = new Map<number, string>()
  /** By node, of all that were ever on. */
  readonly #peers = new Map<number, string>()
  readonly #signal: AbortSignal | undefined

  private constructor(folder: string, workers: readonly RealWorker[], signal?: AbortSignal) {
    this.#folder = folder
    this.#workers = workers
    this.#signal = signal
  }

  /** So many nodes, all off. */
  static async create(
    nodes: number,
    kademlia: KademliaSettings,
    signal?: AbortSignal
  ): Promise<RealNetwork> {
    const folder = await mkdtemp(join(tmpdir(), 'plexnet-real-'))
    const workers = Array.from(
      { length: Math.ceil(nodes / NODES_PER_WORKER) },
      () => new RealWorker()
    )
    const network = new RealNetwork(folder, workers, signal)

    for (let node = 0; node < nodes; node += 1) {
      await network.#call({
        do: 'create',
        node,
        folder: join(folder, String(node)),
        kademlia
      })
    }

    return network
  }

  /** Nodes that are on. */
  get live(): readonly number[] {
    return [...this.#addresses.keys()]
  }

  /** Starts nodes one after the other, each joining through one that is on, and lets them fill their tables, as the model does it. */
  async grow(
    nodes: readonly number[],
    stream: RandomStream,
    onStep: (done: string) => void
  ): Promise<void> {
    for (const [index, node] of nodes.entries()) {
      await this.switchOn(node, stream)
      onStep(`${index + 1} of ${nodes.length} real nodes have joined`)
    }
    for (let round = 1; round <= FILL_ROUNDS; round += 1) {
      onStep(`real nodes fill their tables, ${round} of ${FILL_ROUNDS} times`)
      await this.#eachAtOnce(nodes, async node => {
        await this.lookUp(node, `fill ${round} ${node}`)
      })
    }
  }

  /** Contacts of a node that is on, on average. */
  async contacts(): Promise<number> {
    const counts = await Promise.all(
      this.live.map(async node => present((await this.#call({ do: 'count', node })).contacts))
    )

    return counts.reduce((sum, count) => sum + count, 0) / counts.length
  }

  /** It joins through one that is on. */
  async switchOn(node: number, stream: RandomStream): Promise<void> {
    const { live } = this
    const via = this.#addresses.get(live[stream.below(Math.max(1, live.length))] ?? -1)
    const { peer, address } = present((await this.#call({ do: 'start', node })).started)

    this.#peers.set(node, peer)
    this.#addresses.set(node, address)
    if (via != null) await this.#call({ do: 'join', node, address: via })
  }

  async switchOff(node: number): Promise<void> {
    this.#addresses.delete(node)
    await this.#call({ do: 'stop', node })
  }

  async lookUp(node: number, key: string): Promise<SeenLookup> {
    return present((await this.#call({ do: 'look up', node, key })).seen)
  }

  async put(node: number, key: string, value: string): Promise<number> {
    return present((await this.#call({ do: 'put', node, key, value })).stored)
  }

  async find(node: number, key: string): Promise<SeenLookup> {
    return present((await this.#call({ do: 'find', node, key })).seen)
  }

  /** The peer that is truly nearest of all that are on, but `node` itself. */
  nearestTo(key: string, node: number): string | undefined {
    const others = this.live.filter(one => one !== node).map(one => this.#peers.get(one)!)
    const [nearest] = nearestPeers(
      Buffer.from(key),
      others,
      peer => peerIdFromString(peer).toMultihash().bytes,
      1
    )

    return nearest
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map(async worker => worker.end()))
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  async #call(order: Order): Promise<Result> {
    this.#signal?.throwIfAborted()

    return this.#workers[order.node % this.#workers.length]!.call(order)
  }

  async #eachAtOnce(nodes: readonly number[], act: (node: number) => Promise<void>): Promise<void> {
    const queue = nodes.values()

    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const node of queue) await act(node)
      })
    )
  }
}

/** What a worker answers to an order belongs to it. */
function present<T>(value: T | undefined): T {
  if (value == null) throw new TypeError('A worker answered another order.')

  return value
}
