/** The share of the budget in which newcomers prove themselves. */
const SMALL_SHARE = 0.1

/** Uses that are counted; more would keep what was popular long ago. */
const MAX_USES = 3

interface Entry {
  readonly weight: number
  uses: number
}

/**
 * Decides what a cache keeps under a budget. Newcomers stand in a short queue and enter the long one only when used again, so that
 * a scan of things used once passes through without driving out what is used often; what left the short queue lately is
 * remembered by name and goes straight into the long one when it returns.
 *
 * Source: Yang, Zhang, Qiu, Yue, Rashmi, "FIFO Queues are All You Need for Cache Eviction", SOSP 2023
 */
export class S3Fifo {
  readonly #budget: number
  readonly #small = new Queue()
  readonly #main = new Queue()
  /** Names that left the small queue, as many as would fill the main one. */
  readonly #ghosts = new Queue()

  /** `budget` in the unit of the weights. */
  constructor(budget: number) {
    this.#budget = budget
  }

  get weight(): number {
    return this.#small.weight + this.#main.weight
  }

  get size(): number {
    return this.#small.size + this.#main.size
  }

  has(key: string): boolean {
    return this.#small.has(key) || this.#main.has(key)
  }

  /** Counts a use; false where the key is not kept. */
  use(key: string): boolean {
    const entry = this.#small.get(key) ?? this.#main.get(key)

    if (entry == null) return false
    entry.uses = Math.min(MAX_USES, entry.uses + 1)

    return true
  }

  /** Takes a key in and returns those that must go, which may be the key itself where it is heavier than the budget. */
  add(key: string, weight: number): string[] {
    if (this.use(key)) return []
    if (weight > this.#budget) return [key]

    const queue = this.#ghosts.take(key) == null ? this.#small : this.#main

    queue.push(key, { weight, uses: 0 })

    const gone: string[] = []

    while (this.weight > this.#budget) gone.push(...this.#evict())

    return gone
  }

  delete(key: string): boolean {
    return (this.#small.take(key) ?? this.#main.take(key)) != null
  }

  #evict(): string[] {
    return this.#small.weight > this.#budget * SMALL_SHARE || this.#main.size === 0
      ? this.#leaveSmall()
      : this.#leaveMain()
  }

  #leaveSmall(): string[] {
    const [key, entry] = this.#small.shift()

    if (entry.uses > 0) {
      this.#main.push(key, { weight: entry.weight, uses: 0 })

      return []
    }
    this.#ghosts.push(key, entry)
    while (this.#ghosts.weight > this.#budget * (1 - SMALL_SHARE)) this.#ghosts.shift()

    return [key]
  }

  #leaveMain(): string[] {
    const [key, entry] = this.#main.shift()

    if (entry.uses === 0) return [key]
    entry.uses -= 1
    this.#main.push(key, entry)

    return []
  }
}

/** First in, first out, by name. */
class Queue {
  readonly #entries = new Map<string, Entry>()
  weight = 0

  get size(): number {
    return this.#entries.size
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  push(key: string, entry: Entry): void {
    this.#entries.set(key, entry)
    this.weight += entry.weight
  }

  take(key: string): Entry | undefined {
    const entry = this.#entries.get(key)

    if (entry == null) return undefined
    this.#entries.delete(key)
    this.weight -= entry.weight

    return entry
  }

  shift(): [string, Entry] {
    const [first] = this.#entries

    if (first == null) throw new RangeError('the queue is empty')
    this.take(first[0])

    return first
  }
}
