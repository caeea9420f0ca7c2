import type { RandomStream } from '../engine/random.ts'

/** The nodes that are on, to draw one at random from. */
export class LiveSet {
  readonly #nodes: number[] = []
  readonly #places = new Map<number, number>()

  get size(): number {
    return this.#nodes.length
  }

  add(node: number): void {
    if (this.#places.has(node)) return
    this.#places.set(node, this.#nodes.length)
    this.#nodes.push(node)
  }

  delete(node: number): void {
    const place = this.#places.get(node)
    const last = this.#nodes.pop()

    if (last == null) return
    if (place == null) {
      this.#nodes.push(last)
      return
    }
    this.#places.delete(node)

    if (last !== node) {
      this.#nodes[place] = last
      this.#places.set(last, place)
    }
  }

  /** One other than `but`; undefined where there is none. */
  draw(stream: RandomStream, but?: number): number | undefined {
    const others = this.#nodes.length - (but != null && this.#places.has(but) ? 1 : 0)

    if (others === 0) return undefined

    for (;;) {
      const node = this.#nodes[stream.below(this.#nodes.length)]!

      if (node !== but) return node
    }
  }

  values(): readonly number[] {
    return this.#nodes
  }
}
