import type { Evidence } from '../choice/evidence.ts'
import type { Gain } from '../choice/gain.ts'
import { rolesOf, type Role } from '../choice/together.ts'
import { weigh } from '../choice/weigh.ts'
import type { Asked } from './event.ts'
import type { PlanOptions } from './options.ts'
import type { Slot } from './slots.ts'

/** How often one source is asked for one block when it breaks off. */
const MAX_TRIES = 3

/** Blocks in a row that a source does not have until it is asked only where nobody else is left. */
const MAX_ABSENT = 2

/** A source, and what becomes of it. */
export interface Ranked {
  readonly source: Asked
  readonly role: Role
}

/** Who may have a block, by what this transfer learnt of the sources. */
export class Candidates {
  readonly #options: PlanOptions
  readonly #gain: Gain
  /** Sources that were wrong: not asked again whatever the memory says. */
  readonly #wrong = new Set<string>()
  /** Sources that do not have the file at the transfer's path. */
  readonly #rangeless = new Set<string>()
  readonly #absent = new Map<string, number>()

  constructor(options: PlanOptions, gain: Gain) {
    this.#options = options
    this.#gain = gain
  }

  /** Whether there is anybody to choose from; looked at with each event, unlike the ranking. */
  get areSeveral(): boolean {
    return this.#options.sources().length > 1
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

  /** Those who lately neither failed nor had nothing, the best first. */
  promisingOf(slot: Slot, now: number): Asked[] {
    return this.rankedOf(slot, now).map(({ source }) => source)
  }

  /** The same, with what becomes of each. */
  rankedOf(slot: Slot, now: number): Ranked[] {
    const promising = this.of(slot).filter(
      ({ id }) =>
        this.#options.paces.of(id).restedAt <= now && (this.#absent.get(id) ?? 0) < MAX_ABSENT
    )
    const sources = new Map(promising.map(source => [source.id, source]))
    const weighed = weigh(promising.map(source => this.#evidenceOf(source)))
    const roles = rolesOf(weighed, this.#gain.areOthersOfUse(now))

    return weighed.flatMap(({ evidence }, index) => {
      const [source, role] = [sources.get(evidence.id), roles[index]]

      return source == null || role == null ? [] : [{ source, role }]
    })
  }

  canRange(source: Asked, { item }: Slot): boolean {
    return source.hasRanges && item.offset != null && !this.#rangeless.has(source.id)
  }

  mayTry({ id }: Asked, { tries }: Slot): boolean {
    return (tries.get(id) ?? 0) < MAX_TRIES
  }

  /** How long the block takes the source, in ms; `Number.MAX_VALUE` where nobody knows. */
  timeOf({ id, standing }: Asked, { item }: Slot): number {
    const pace = this.#options.paces.of(id)

    return Math.min(Number.MAX_VALUE, pace.timeFor(item.size, standing?.roundTrip))
  }

  #evidenceOf({ id, standing }: Asked): Evidence {
    const pace = this.#options.paces.of(id)

    return {
      ...standing,
      id,
      latency: pace.latencyBeside(standing?.roundTrip),
      rate: pace.rate,
      reliability: pace.reliability,
      lies: this.#options.lies?.(id) ?? 0
    }
  }
}
