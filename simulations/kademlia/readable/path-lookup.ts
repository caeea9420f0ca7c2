import { mix } from '../../engine/random.ts'
import { distance } from '../identifiers.ts'
import type { KademliaSettings } from '../settings.ts'
import type { LookupOrder, Walk } from './walk.ts'

interface Entry {
  readonly id: number
  readonly distance: number
  readonly hops: number
  readonly path: Path
}

interface Path {
  /** To be asked, nearest first. */
  readonly queue: Entry[]
  /** Those that answered on this path, nearest first, at most k. */
  readonly closest: Entry[]
  pending: number
}

/**
 * A lookup as js-libp2p's kad-dht makes it: the k nearest contacts are dealt out to disjoint paths; each path asks whoever could still be among the k nearest
 * on it, and learns only of those who are nearer than whoever tells of them; it is over when nobody is left to be asked. It asks far more than it
 * needs to find the nearest, and never ends sooner.
 */
export class PathLookup implements Walk {
  readonly order: LookupOrder
  readonly #own: number
  readonly #settings: KademliaSettings
  readonly #paths: readonly Path[]
  /** All who were ever queued, on any path. */
  readonly #seen = new Map<number, Entry>()
  readonly #answered: Entry[] = []
  requests = 0
  timeouts = 0
  isOver = false

  constructor(order: LookupOrder, own: number, settings: KademliaSettings) {
    this.order = order
    this.#own = own
    this.#settings = settings
    this.#paths = Array.from({ length: settings.paths }, () => ({
      queue: [],
      closest: [],
      pending: 0
    }))
  }

  get pending(): number {
    return this.#paths.reduce((sum, { pending }) => sum + pending, 0)
  }

  get nearest(): readonly Entry[] {
    return this.#answered.toSorted((a, b) => a.distance - b.distance).slice(0, this.#settings.k)
  }

  learn(ids: ArrayLike<number>, from: number, count: number, hops: number, teacher?: number): void {
    const contacts = Array.from({ length: count }, (_, index) => ids[from + index]!)

    if (teacher == null) this.#dealOut(contacts, hops)
    else this.#follow(this.#seen.get(teacher)!, contacts, hops)
  }

  next(): number | undefined {
    for (const path of this.#paths) {
      while (path.pending < this.#settings.alpha && path.queue.length > 0) {
        const entry = path.queue.shift()!

        if (this.#canAdd(path, entry.distance)) {
          path.pending += 1
          this.requests += 1

          return entry.id
        }
      }
    }

    return undefined
  }

  settle(id: number, state: 'answered' | 'failed'): number | undefined {
    const entry = this.#seen.get(id)!

    entry.path.pending -= 1

    if (state === 'failed') {
      this.timeouts += 1
    } else {
      this.#answered.push(entry)
      insert(entry.path.closest, entry)
      entry.path.closest.splice(this.#settings.k)
    }

    return entry.hops
  }

  isDone(): boolean {
    return this.#paths.every(
      path => path.pending === 0 && path.queue.every(entry => !this.#canAdd(path, entry.distance))
    )
  }

  /** In an order that is as good as chance, and the same each time. */
  #dealOut(contacts: readonly number[], hops: number): void {
    const key = mix(this.#own ^ this.order.target) ^ this.order.started

    for (const [index, id] of contacts.toSorted((a, b) => mix(a ^ key) - mix(b ^ key)).entries()) {
      this.#queue(this.#paths[index % this.#paths.length]!, id, hops)
    }
  }

  #follow(teacher: Entry, contacts: readonly number[], hops: number): void {
    for (const id of contacts) {
      const away = distance(id, this.order.target)

      if (
        id !== this.#own &&
        !this.#seen.has(id) &&
        away < teacher.distance &&
        this.#canAdd(teacher.path, away)
      ) {
        this.#queue(teacher.path, id, hops)
      }
    }
  }

  #queue(path: Path, id: number, hops: number): void {
    const entry = { id, distance: distance(id, this.order.target), hops, path }

    this.#seen.set(id, entry)
    insert(path.queue, entry)
  }

  #canAdd({ closest }: Path, away: number): boolean {
    return closest.length < this.#settings.k || away < closest.at(-1)!.distance
  }
}

function insert(entries: Entry[], entry: Entry): void {
  const place = entries.findIndex(one => one.distance > entry.distance)

  entries.splice(place === -1 ? entries.length : place, 0, entry)
}
