/** A part of the budget, least recently used first. */
class Segment<V> {
  readonly entries = new Map<string, { readonly value: V; readonly size: number }>()
  bytes = 0

  add(key: string, value: V, size: number): void {
    this.entries.set(key, { value, size })
    this.bytes += size
  }

  take(key: string): { readonly value: V; readonly size: number } | undefined {
    const entry = this.entries.get(key)

    if (entry !== undefined) {
      this.entries.delete(key)
      this.bytes -= entry.size
    }

    return entry
  }
}

// What was asked for twice may fill four fifths; a scan of things asked for once fills the rest and pushes out only its like.
const PROTECTED_PART = 0.8

/** Values under a budget in bytes, in two segments: one use brings a value in, the second protects it (segmented LRU). */
export class SegmentedLru<V> {
  readonly #budget: number
  readonly #trial = new Segment<V>()
  readonly #protected = new Segment<V>()

  constructor(budget: number) {
    this.#budget = budget
  }

  get bytes(): number {
    return this.#trial.bytes + this.#protected.bytes
  }

  get size(): number {
    return this.#trial.entries.size + this.#protected.entries.size
  }

  /** The value, which counts as a use. */
  use(key: string): V | undefined {
    const kept = this.#protected.entries.get(key)

    if (kept !== undefined) {
      this.#protected.entries.delete(key)
      this.#protected.entries.set(key, kept)

      return kept.value
    }

    const tried = this.#trial.take(key)

    if (tried !== undefined) {
      this.#protected.add(key, tried.value, tried.size)
      this.#demote()
    }

    return tried?.value
  }

  peek(key: string): V | undefined {
    return (this.#protected.entries.get(key) ?? this.#trial.entries.get(key))?.value
  }

  set(key: string, value: V, size: number): void {
    const segment = this.#protected.take(key) === undefined ? this.#trial : this.#protected

    this.#trial.take(key)

    if (size <= this.#budget) {
      segment.add(key, value, size)
      this.#demote()
      this.#evict()
    }
  }

  delete(key: string): boolean {
    return (this.#protected.take(key) ?? this.#trial.take(key)) !== undefined
  }

  clear(): void {
    for (const segment of [this.#trial, this.#protected]) {
      segment.entries.clear()
      segment.bytes = 0
    }
  }

  *values(): Iterable<V> {
    for (const { value } of this.#protected.entries.values()) {
      yield value
    }

    for (const { value } of this.#trial.entries.values()) {
      yield value
    }
  }

  #demote(): void {
    for (const [key, { value, size }] of this.#protected.entries) {
      if (this.#protected.bytes <= this.#budget * PROTECTED_PART) {
        return
      }

      this.#protected.take(key)
      this.#trial.add(key, value, size)
    }
  }

  #evict(): void {
    for (const key of this.#trial.entries.keys()) {
      if (this.bytes <= this.#budget) {
        return
      }

      this.#trial.take(key)
    }
  }
}
