import type { EventQueue } from '../../../simulations/engine/queue.ts'

interface Entry {
  readonly time: number
  readonly order: number
  readonly fields: readonly [kind: number, a: number, b: number, c: number]
}

/** A 4-ary heap over time and order of scheduling: slower than the wheel and plainly right. */
export class QuadHeap implements EventQueue {
  time = 0
  kind = 0
  a = 0
  b = 0
  c = 0
  readonly #entries: Entry[] = []
  #scheduled = 0

  get size(): number {
    return this.#entries.length
  }

  schedule(time: number, ...fields: [number, number, number, number]): void {
    const entry = { time, order: this.#scheduled, fields }
    let at = this.#entries.length

    this.#scheduled += 1

    while (at > 0) {
      const parent = (at - 1) >> 2

      if (isBefore(this.#entries[parent]!, entry)) break
      this.#entries[at] = this.#entries[parent]!
      at = parent
    }
    this.#entries[at] = entry
  }

  take(until: number): boolean {
    const [first] = this.#entries

    if (first == null || first.time > until) return false
    this.time = first.time
    ;[this.kind, this.a, this.b, this.c] = first.fields

    const last = this.#entries.pop()!

    if (this.#entries.length > 0) this.#sink(last)

    return true
  }

  #sink(entry: Entry): void {
    let at = 0

    for (;;) {
      const children = [1, 2, 3, 4].map(n => at * 4 + n).filter(n => n < this.#entries.length)
      const least = children.toSorted((m, n) =>
        isBefore(this.#entries[m]!, this.#entries[n]!) ? -1 : 1
      )[0]

      if (least == null || isBefore(entry, this.#entries[least]!)) break
      this.#entries[at] = this.#entries[least]!
      at = least
    }
    this.#entries[at] = entry
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order)
}
