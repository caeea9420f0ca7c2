import { Gain } from '../choice/gain.ts'
import type { SourceFault } from '../source.ts'
import { Assignment } from './assignment.ts'
import { Candidates } from './candidates.ts'
import type { Asked, PlanAction, PlanEvent } from './event.ts'
import { HedgeBudget, isLate } from './hedge.ts'
import type { PlanOptions } from './options.ts'
import { noteBlock, noteBytes, noteLateness, notePause, patienceWith } from './measure.ts'
import type { Pace } from './pace.ts'
import { deadlineOf, rateOf, type Request } from './request.ts'
import { Requests } from './requests.ts'
import { Slots, type Slot } from './slots.ts'

/** Faults of one block that are kept for the error. */
const MAX_FAULTS = 64

/** How often lateness is looked at while the reader waits, in ms. */
const LOOK_EVERY = 25

/**
 * Decides what to ask of whom, so that blocks are there in order when the reader gets to them. Pure: it is told what
 * happened and when, and says what to do.
 */
export class Plan {
  readonly #options: PlanOptions
  readonly #slots = new Slots()
  readonly #requests = new Requests(this.#slots)
  readonly #candidates: Candidates
  readonly #assignment: Assignment
  readonly #hedges = new HedgeBudget()
  readonly #gain = new Gain()
  #now = 0

  constructor(options: PlanOptions) {
    this.#options = options
    this.#candidates = new Candidates(options, this.#gain)
    this.#assignment = new Assignment(options, {
      slots: this.#slots,
      requests: this.#requests,
      candidates: this.#candidates,
      gain: this.#gain
    })
  }

  /** Takes in what happened at `now`, in ms, and returns what is to be done. */
  handle(event: PlanEvent, now: number): PlanAction[] {
    this.#now = now

    return [...this.#apply(event), ...(event.type === 'bytes' ? [] : this.#decide())]
  }

  /** When a `time` event is due, in ms; undefined where there is nothing to wait for but sources and reader. */
  nextTimeout(): number | undefined {
    const times = this.#requests.all().map(request => deadlineOf(request))
    const head = this.#slots.at(this.#slots.first)

    if (head?.state === 'open') {
      if (head.carriers.size === 1) times.push(this.#now + LOOK_EVERY)
      if (head.carriers.size === 0) times.push(...this.#restTimes(head))
    }

    const next = Math.min(...times)

    return next === Number.POSITIVE_INFINITY ? undefined : next
  }

  /** Whether the block may be held now; a request that has come to another waits. */
  isInWindow(index: number): boolean {
    return index < this.#slots.windowEnd
  }

  isWanted(index: number): boolean {
    const slot = this.#slots.at(index)

    return slot != null && slot.state !== 'done'
  }

  /** Whether more blocks should be made known. */
  get isShort(): boolean {
    return this.#slots.bytes < 2 * this.#options.window()
  }

  #restTimes(slot: Slot): number[] {
    return this.#candidates
      .of(slot)
      .map(({ id }) => this.#options.paces.of(id).restedAt)
      .filter(time => time > this.#now)
  }

  #apply(event: PlanEvent): PlanAction[] {
    switch (event.type) {
      case 'known':
        for (const item of event.items) this.#slots.add(item, event.isThere ? 'done' : 'ahead')
        break
      case 'looked':
        return this.#looked(event.index, event.isThere)
      case 'bytes':
        noteBytes(event.request, this.#pace(event.request), event.bytes, this.#now)
        break
      case 'block':
        return this.#arrived(event.request, event.index, event.bytes)
      case 'paused':
      case 'resumed':
        notePause(event.request, event.type === 'paused', this.#now)
        break
      case 'ended':
        return this.#ended(event.request, event.fault)
      case 'taken':
        this.#slots.take()
        break
      case 'time':
        break
    }

    return []
  }

  #decide(): PlanAction[] {
    return [
      ...this.#enter(),
      ...this.#stalled(),
      ...this.#assignment
        .assign(this.#now)
        .map((request): PlanAction => ({ type: 'ask', request })),
      ...this.#hedge(),
      ...this.#giveUp()
    ]
  }

  #looked(index: number, isThere: boolean): PlanAction[] {
    const slot = this.#slots.at(index)

    if (slot == null || slot.state === 'done') return []
    slot.state = isThere ? 'done' : 'open'

    return isThere ? this.#copies(index) : []
  }

  #arrived(request: Request, index: number, bytes: number): PlanAction[] {
    const slot = this.#slots.at(index)

    request.next = index + 1
    this.#candidates.markUseful(request.source)
    this.#gain.add(bytes, request.source, this.#now)
    noteBlock(request, this.#pace(request), bytes, this.#now)
    if (request.next >= request.to) this.#requests.drop(request)
    if (slot == null || slot.state === 'done') return []

    slot.state = 'done'
    this.#hedges.earn(slot.item.size)

    return [...this.#supersede(request, slot), ...this.#copies(index)]
  }

  /** Two were asked for the block: the one that is late with it is not worth waiting for. */
  #supersede(winner: Request, { carriers }: Slot): PlanAction[] {
    return this.#requests
      .all()
      .filter(request => carriers.has(request.id) && request !== winner)
      .map(request => this.#leave(request))
  }

  #leave(loser: Request): PlanAction {
    noteLateness(loser, this.#pace(loser), this.#requests.bytesAskedOf(loser.source), this.#now)

    return this.#cancel(loser)
  }

  #copies(from: number): PlanAction[] {
    const twins = this.#slots.twinsOf(from)

    return twins.map(({ slot, index }) => {
      slot.state = 'done'

      return { type: 'copy', from, to: index }
    })
  }

  #ended(request: Request, fault: SourceFault | undefined): PlanAction[] {
    if (this.#requests.get(request.id) == null) return []
    this.#requests.drop(request)
    if (fault == null) return []

    const slot = this.#slots.at(request.next)

    if (slot != null && slot.faults.length < MAX_FAULTS) slot.faults.push(fault)

    return this.#blame(request, fault, slot)
  }

  #blame({ source, by }: Request, { kind, retryAfter }: SourceFault, slot?: Slot): PlanAction[] {
    switch (kind) {
      case 'wrong':
        this.#candidates.markWrong(source)

        return this.#requests.of(source).map(request => this.#cancel(request))
      case 'absent':
        if (by === 'range') this.#candidates.markRangeless(source)
        else {
          this.#candidates.markAbsent(source)
          slot?.tries.set(source, Number.POSITIVE_INFINITY)
        }
        break
      case 'failed':
      case 'stalled':
        if (retryAfter == null) this.#pace({ source }).failed(this.#now)
        else this.#pace({ source }).restUntil(this.#now + retryAfter)
        slot?.tries.set(source, (slot.tries.get(source) ?? 0) + 1)
        break
    }

    return []
  }

  #cancel(request: Request): PlanAction {
    this.#requests.drop(request)

    return { type: 'cancel', request }
  }

  #enter(): PlanAction[] {
    return this.#slots.enter(this.#options.window()).flatMap((index): PlanAction[] => {
      const slot = this.#slots.at(index)

      if (slot?.state !== 'ahead') return []
      slot.state = this.#stateOnEntry(slot, index)

      return slot.state === 'cached' ? [{ type: 'look', index }] : []
    })
  }

  #stateOnEntry(slot: Slot, index: number): Slot['state'] {
    if (slot.carriers.size > 0) return 'open'
    if (this.#options.isCached(slot.item.cid)) return 'cached'

    return this.#slots.hasEarlier(index) ? 'twin' : 'open'
  }

  #stalled(): PlanAction[] {
    return this.#requests
      .all()
      .filter(request => deadlineOf(request) <= this.#now)
      .map(request => ({ type: 'stalled', request }))
  }

  #hedge(): PlanAction[] {
    const index = this.#slots.first
    const slot = this.#slots.at(index)
    const late =
      slot?.state === 'open' && slot.carriers.size === 1 ? this.#carrierOf(slot) : undefined

    if (slot == null || late == null || this.#requests.isFull) return []
    if (!this.#candidates.areSeveral) return []

    const other = this.#candidates
      .promisingOf(slot, this.#now)
      .find(source => source.id !== late.source)

    if (other == null || !isLate(late, this.#situation(late, index, slot, other))) return []
    if (!this.#hedges.spend(slot.item.size)) return []

    const by = this.#candidates.canRange(other, slot) ? 'range' : 'block'
    const plan = { source: other.id, by, from: index, to: index + 1, isHedge: true } as const

    return [{ type: 'ask', request: this.#requests.open(plan, this.#now) }]
  }

  #carrierOf({ carriers }: Slot): Request | undefined {
    const [id = -1] = carriers

    return this.#requests.get(id)
  }

  #situation(late: Request, index: number, slot: Slot, other: Asked): Parameters<typeof isLate>[1] {
    const asked = this.#requests.bytesAskedOf(late.source)

    return {
      now: this.#now,
      patience: patienceWith(late, this.#pace(late), asked),
      bytesLeft: this.#requests.bytesLeft(late, index + 1),
      rate: rateOf(late, this.#now),
      other: this.#candidates.timeOf(other, slot)
    }
  }

  #giveUp(): PlanAction[] {
    const index = this.#slots.first
    const slot = this.#slots.at(index)

    if (slot?.state !== 'open' || slot.carriers.size > 0) return []

    return this.#candidates.of(slot).length > 0
      ? []
      : [{ type: 'give-up', index, faults: slot.faults }]
  }

  #pace({ source }: Pick<Request, 'source'>): Pace {
    return this.#options.paces.of(source)
  }
}
