import type { Asked } from './event.ts'
import type { PlanOptions } from './options.ts'
import type { Slot } from './slots.ts'

/** How often one source is asked for one block when it breaks off. */
const MAX_TRIES = 3

/** Blocks in a row that a source does not have until it is asked only where nobody else is left. */
const MAX_ABSENT = 2

/** Who may have a block, by what this transfer learnt of the sources. */
export class Candidates {
  readonly #options: PlanOptions
  /** Sources that were wrong: not asked again whatever the memory says. */
  readonly #wrong = new Set<string>()
  /** Sources that do not have the file at the transfer's path. */
  readonly #rangeless = new Set<string>()
  readonly #absent = new Map<string, number>()

  constructor(options: PlanOptions) {
    this.#options = options
  }

  markWrong(source: string): void {
    this.#wrong.add(source)
  }

  markRangeless(source: string): void {
    this.#rangeless.add(source)
  }

  markAbsent(source: string): void {
    this.#absent.set(source, (this.#absent.get(source) ?? 0) + 1)
  }

  markUseful(source: string): void {
    this.#absent.delete(source)
  }

  /** Sources that may have the block, busy or not. */
  of(slot: Slot): Asked[] {
    return this.#options
      .sources()
      .filter(
        source =>
          !this.#wrong.has(source.id) &&
          (source.hasBlocks || this.canRange(source, slot)) &&
          this.mayTry(source, slot)
      )
  }

  /** Those who lately neither failed nor had nothing, the quickest first; who nobody knows yet stands last. */
  promisingOf(slot: Slot, now: number): Asked[] {
    return this.of(slot)
      .filter(
        ({ id }) =>
          this.#options.paces.of(id).restedAt <= now && (this.#absent.get(id) ?? 0) < MAX_ABSENT
      )
      .toSorted((a, b) => this.timeOf(a, slot) - this.timeOf(b, slot))
  }

  canRange(source: Asked, { item }: Slot): boolean {
    return source.hasRanges && item.offset != null && !this.#rangeless.has(source.id)
  }

  mayTry({ id }: Asked, { tries }: Slot): boolean {
    return (tries.get(id) ?? 0) < MAX_TRIES
  }

  /** How long the block takes the source, in ms; `Number.MAX_VALUE` where nobody knows. */
  timeOf({ id }: Asked, { item }: Slot): number {
    return Math.min(Number.MAX_VALUE, this.#options.paces.of(id).timeFor(item.size))
  }
}
