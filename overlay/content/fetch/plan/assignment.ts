import type { Gain } from '../choice/gain.ts'
import type { Candidates, Ranked } from './candidates.ts'
import type { Asked } from './event.ts'
import type { PlanOptions } from './options.ts'
import type { Request } from './request.ts'
import type { Requests } from './requests.ts'
import type { Slot, Slots } from './slots.ts'

/** Single blocks that one source is source for at once. */
const BLOCKS_AT_ONCE = 4

/** Gives blocks that nobody brings yet to sources: long ranges to one that does it alone, shares of the window to several. */
export class Assignment {
  readonly #options: PlanOptions
  readonly #slots: Slots
  readonly #requests: Requests
  readonly #candidates: Candidates
  readonly #gain: Gain

  constructor(
    options: PlanOptions,
    parts: {
      readonly slots: Slots
      readonly requests: Requests
      readonly candidates: Candidates
      readonly gain: Gain
    }
  ) {
    this.#options = options
    this.#slots = parts.slots
    this.#requests = parts.requests
    this.#candidates = parts.candidates
    this.#gain = parts.gain
  }

  /** New requests for what is wanted in the window at `now`. */
  assign(now: number): Request[] {
    const started: Request[] = []

    this.#shareRest(now)
    for (let index = this.#slots.first; index < this.#slots.windowEnd; index += 1) {
      const slot = this.#slots.at(index)

      if (this.#requests.isFull) break
      if (slot?.state !== 'open' || slot.carriers.size > 0) continue

      const request = this.#choose(slot, index, now)

      if (request != null) started.push(request)
    }

    return started
  }

  /** Whoever has the whole rest of the file to itself leaves what is not wanted yet, where others should join. */
  #shareRest(now: number): void {
    const next = this.#slots.at(this.#slots.windowEnd)

    if (next == null || next.carriers.size === 0 || !this.#candidates.areSeveral) return
    if (jointOf(this.#candidates.rankedOf(next, now)).length > 1) this.#requests.trimToWindow()
  }

  #choose(slot: Slot, index: number, now: number): Request | undefined {
    const isFirst = index === this.#slots.first
    const willing = this.#willing(slot, isFirst, now)

    this.#noteWay(willing, now)

    const best = willing.find(({ source }) => this.#hasRoom(source, slot, isFirst))

    return best == null || this.#isWorthWaiting(willing, best.source, slot, isFirst)
      ? undefined
      : this.#start(best, index, slot, jointOf(willing), now)
  }

  #noteWay(willing: readonly Ranked[], now: number): void {
    const way = willing.some(({ role }) => role === 'beside') ? 'together' : 'alone'

    this.#gain.change(way, willing.find(({ role }) => role === 'first')?.source.id, now)
  }

  /** For the block that the reader waits for anybody will do. */
  #willing(slot: Slot, isFirst: boolean, now: number): Ranked[] {
    const promising = this.#candidates.rankedOf(slot, now)

    if (!isFirst) return promising.filter(({ role }) => role !== 'spare')
    if (promising.length > 0) return promising

    // Who failed lately is asked at once where nobody else could be, but not twice in a row for one block.
    return this.#candidates
      .of(slot)
      .filter(({ id }) => (slot.tries.get(id) ?? 0) === 0)
      .map(source => ({ source, role: 'beside' }))
  }

  #hasRoom(source: Asked, slot: Slot, isFirst: boolean): boolean {
    // A request that waits for the reader must not keep the block away that the reader waits for.
    const busy = this.#requests.of(source.id).filter(({ isPaused }) => !isFirst || !isPaused)

    if (!this.#candidates.canRange(source, slot)) return busy.length < BLOCKS_AT_ONCE

    // A range that is at its last block lets the next be source for, so that no round trip is waited for in between.
    return (
      busy.length === 0 ||
      (busy.length === 1 &&
        busy.every(({ to, next, begunAt }) => begunAt != null && to - next <= 1))
    )
  }

  /** Whether some source that is busy now would still bring the block sooner than the free one. */
  #isWorthWaiting(willing: readonly Ranked[], free: Asked, slot: Slot, isFirst: boolean): boolean {
    const own = this.#candidates.timeOf(free, slot)

    // Nobody knows how fast it is: it may prove itself where nobody waits yet.
    if (own === Number.MAX_VALUE && !isFirst) return false

    return willing.some(({ source }) => {
      const busy = this.#requests.of(source.id)

      return (
        busy.length > 0 &&
        source !== free &&
        this.#timeLeft(busy) + this.#candidates.timeOf(source, slot) < own
      )
    })
  }

  #timeLeft(busy: readonly Request[]): number {
    const times = busy.map(request => {
      const { rate } = this.#options.paces.of(request.source)

      return rate == null ? Number.MAX_VALUE : this.#requests.bytesLeft(request, request.to) / rate
    })

    return Math.min(...times)
  }

  #start(
    { source, role }: Ranked,
    from: number,
    slot: Slot,
    joint: readonly Asked[],
    now: number
  ): Request {
    const isAlone = joint.length < 2 && role === 'first' && this.#isKnown(source, slot)

    if (!this.#candidates.canRange(source, slot)) {
      return this.#requests.open(
        { source: source.id, by: 'block', from, to: from + 1, isHedge: false },
        now
      )
    }
    if (!isAlone) this.#requests.trimToWindow()

    // Others do not get much before it is seen that they help.
    const isOnTrial = role !== 'first' && this.#gain.areOthersOfUse(now) !== true
    const share = isOnTrial ? 0 : this.#share(source, joint)
    const to = isAlone
      ? this.#endOfRun(source, from, this.#slots.end, Number.POSITIVE_INFINITY)
      : this.#endOfRun(source, from, this.#slots.windowEnd, share)

    return this.#requests.open({ source: source.id, by: 'range', from, to, isHedge: false }, now)
  }

  /** Whether more than a block may be asked of it at once: where there are others, it shows first what it can. */
  #isKnown({ id }: Asked, slot: Slot): boolean {
    return this.#options.paces.of(id).rate != null || this.#candidates.of(slot).length === 1
  }

  /** What a source that is not alone is asked for at once, in bytes: its part of half a window, by pace. */
  #share({ id }: Asked, joint: readonly Asked[]): number {
    const { paces, window } = this.#options
    const known = joint.map(source => paces.of(source.id).rate).filter(rate => rate != null)
    const mean = known.reduce((sum, rate) => sum + rate, 0) / known.length
    const own = paces.of(id).rate

    // Of a stranger one block.
    return own == null ? 0 : (window() / 2) * (own / (mean * joint.length))
  }

  #endOfRun(source: Asked, from: number, limit: number, bytes: number): number {
    const seen = new Set<string>()
    let sum = 0
    let to = from

    for (let slot = this.#slots.at(to); to < limit && slot != null; slot = this.#slots.at(to)) {
      sum += slot.item.size
      if (!this.#isFree(slot, source, seen)) break
      if (to > from && (sum > bytes || !this.#slots.isNextTo(to))) break
      seen.add(slot.key)
      to += 1
    }

    return to
  }

  #isFree(slot: Slot, source: Asked, seen: ReadonlySet<string>): boolean {
    if (slot.carriers.size > 0 || !this.#candidates.mayTry(source, slot)) return false

    return slot.state === 'ahead'
      ? !seen.has(slot.key) && !this.#options.isCached(slot.item.cid)
      : slot.state === 'open'
  }
}

function jointOf(ranked: readonly Ranked[]): Asked[] {
  return ranked.filter(({ role }) => role !== 'spare').map(({ source }) => source)
}
