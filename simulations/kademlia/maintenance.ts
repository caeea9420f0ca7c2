import { drawAt, type Streams } from '../engine/random.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { Identifiers } from './identifiers.ts'
import { PURPOSE, type Kademlia, type LookupResult } from './kademlia.ts'
import { type KademliaSettings } from './settings.ts'

/** The events from here on are maintenance's. */
export const MAINTENANCE_EVENTS = 32

const REFRESH: number = MAINTENANCE_EVENTS

/** The tag of a join's first lookup, of the node's own id. */
const OWN_ID = -1

export interface MaintenanceOptions {
  readonly simulation: Simulation
  readonly kademlia: Kademlia
  readonly identifiers: Identifiers
  readonly settings: KademliaSettings
  readonly buckets: number
  readonly streams: Streams
}

/** Joins and refreshes, which are the same on both engines: a join is a lookup of one's own id and then one in each bucket from the nearest out. */
export class Maintenance {
  /** Called when a node has finished its join. */
  onJoined: (node: number) => void = () => undefined
  readonly #options: MaintenanceOptions
  readonly #keys: readonly [number, number]

  constructor(options: MaintenanceOptions) {
    this.#options = options
    this.#keys = options.streams.keys('refresh')
    options.simulation.handle(MAINTENANCE_EVENTS, (_, node, bucket, session) =>
      this.#refresh(node, bucket, session)
    )
  }

  /** A node that has just been started through another one. */
  join(node: number): void {
    const { kademlia, settings, identifiers } = this.#options

    kademlia.lookup(node, identifiers.idOf(node), settings.k, PURPOSE.join, OWN_ID)
  }

  /** From now on the node refreshes one bucket after the other. */
  keepFresh(node: number): void {
    const { settings, simulation, kademlia, buckets } = this.#options

    if (settings.refresh === 0) return

    const phase = Math.floor(((this.#draw(node) >>> 0) / 2 ** 32) * settings.refresh)
    const bucket = Math.floor((phase / settings.refresh) * buckets)

    simulation.after(phase % this.#interval, REFRESH, node, bucket, kademlia.sessions.of(node))
  }

  /** Takes the result of a lookup that maintenance made. */
  onLookup({ origin, purpose, tag, nearest }: LookupResult): void {
    if (purpose !== PURPOSE.join) return

    // kad-dht looks for its own id, and learns of the rest as it goes.
    const isEnough = this.#options.settings.rules === 'library'
    const next = isEnough ? -1 : tag === OWN_ID ? this.#bucketOf(origin, nearest[0]) : tag - 1

    if (nearest.length === 0 || next < 0) this.onJoined(origin)
    else this.#lookIn(origin, next, PURPOSE.join)
  }

  get #interval(): number {
    return Math.ceil(this.#options.settings.refresh / this.#options.buckets)
  }

  #refresh(node: number, bucket: number, session: number): void {
    const { simulation, kademlia, buckets } = this.#options

    if (!kademlia.sessions.isIn(node, session)) return

    this.#lookIn(node, bucket, PURPOSE.refresh)
    simulation.after(this.#interval, REFRESH, node, (bucket + 1) % buckets, session)
  }

  #lookIn(node: number, bucket: number, purpose: number): void {
    const { kademlia, identifiers, settings } = this.#options
    const own = identifiers.idOf(node)
    const kept = bucket === 0 ? 0 : -1 << (32 - bucket)
    const target =
      ((own ^ (1 << (31 - bucket))) & (kept | (1 << (31 - bucket)))) |
      (this.#draw(node) & ~(kept | (1 << (31 - bucket))))

    kademlia.lookup(node, target, settings.alpha, purpose, bucket)
  }

  #bucketOf(node: number, other: number | undefined): number {
    const { identifiers, buckets } = this.#options

    if (other == null) return 0

    return Math.min(Math.clz32(identifiers.idOf(node) ^ identifiers.idOf(other)), buckets - 1)
  }

  /** A function of the node and the time, which needs no state. */
  #draw(node: number): number {
    const [first, second] = this.#keys

    return drawAt(drawAt(first, second, node), node, this.#options.simulation.now | 0)
  }
}
