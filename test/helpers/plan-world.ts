import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import type { Standing } from '../../overlay/content/fetch/choice/evidence.ts'
import type { PlanAction, PlanEvent } from '../../overlay/content/fetch/plan/event.ts'
import { Paces } from '../../overlay/content/fetch/plan/pace.ts'
import { Plan } from '../../overlay/content/fetch/plan/plan.ts'
import type { Request } from '../../overlay/content/fetch/plan/request.ts'
import type { FaultKind } from '../../overlay/content/fetch/source.ts'

export const BLOCK = 256 << 10
export const WINDOW = 16 * BLOCK

/** A source in a world with a clock of its own; `rate` in bytes a ms, shared by its requests. */
export interface Model {
  readonly id: string
  readonly latency: number
  /** What its first request takes longer, in ms: a connection is made. */
  readonly connecting?: number
  readonly rate: number
  readonly hasRanges?: boolean
  readonly hasBlocks?: boolean
  /** What the reader knows of it beforehand. */
  readonly standing?: Standing
  /** What happens to a block of it instead, by index and time. */
  readonly fault?: (index: number, now: number) => FaultKind | 'silence' | undefined
}

export interface Outcome {
  /** When the last block was taken, in ms; Infinity where the transfer failed or hung. */
  readonly time: number
  /** Blocks that were sent, by source. */
  readonly sent: ReadonlyMap<string, number>
  readonly requests: readonly Request[]
  readonly faults: readonly string[]
  readonly mostHeld: number
  /** When a source was first found to be wrong, in ms; 0 where none was. */
  readonly blamedAt: number
}

/**
 * Runs a transfer of `count` blocks in virtual time; the reader takes each block as soon as it is there.
 *
 * @param line bytes a ms that the reader's own line carries, from all sources together
 */
export function run(models: readonly Model[], count: number, line: number = Infinity): Outcome {
  return new World(models, count, line).run()
}

interface Stream {
  readonly request: Request
  readonly model: Model
  next: number
  begun: boolean
  /** Bytes left of the present block. */
  left: number
  waitUntil: number
  isPaused: boolean
  isSilent: boolean
}

/** How far the clock goes on at once while bytes flow, in ms. */
const TICK = 5
const LONGEST = 10 * 60_000

class World {
  readonly #models: ReadonlyMap<string, Model>
  readonly #plan: Plan
  readonly #count: number
  readonly #line: number
  readonly #streams = new Map<number, Stream>()
  readonly #held = new Set<number>()
  readonly #sent = new Map<string, number>()
  readonly #requests: Request[] = []
  readonly #faults: string[] = []
  #taken = 0
  #mostHeld = 0
  #blamedAt = 0
  #isFailed = false
  #now = 0

  constructor(models: readonly Model[], count: number, line: number) {
    this.#line = line
    this.#models = new Map(models.map(model => [model.id, model]))
    this.#count = count
    this.#plan = new Plan({
      sources: () =>
        models.map(({ id, hasRanges = true, hasBlocks = true, standing }) => ({
          id,
          hasRanges,
          hasBlocks,
          standing
        })),
      isCached: () => false,
      paces: new Paces(),
      window: () => WINDOW
    })
  }

  run(): Outcome {
    const items = Array.from({ length: this.#count }, (_, index) => ({
      cid: cidOf(index),
      size: BLOCK,
      offset: index * BLOCK
    }))

    this.#tell({ type: 'known', items, isThere: false })
    while (this.#taken < this.#count && !this.#isFailed && this.#now < LONGEST) this.#step()

    return {
      time: this.#taken === this.#count ? this.#now : Number.POSITIVE_INFINITY,
      sent: this.#sent,
      requests: this.#requests,
      faults: this.#faults,
      mostHeld: this.#mostHeld,
      blamedAt: this.#blamedAt
    }
  }

  #step(): void {
    this.#now += TICK

    const due = this.#plan.nextTimeout()

    if (due != null && due <= this.#now) this.#tell({ type: 'time' })

    const rates = this.#rates()

    for (const [model, rate] of rates) this.#flow(model, rate)
  }

  /** What each source sends, in bytes a ms: the reader's line is shared by all who do, in proportion to what they can. */
  #rates(): Map<Model, number> {
    const sending = [...this.#models.values()].filter(model =>
      [...this.#streams.values()].some(
        stream => stream.model === model && stream.waitUntil <= this.#now && !stream.isPaused
      )
    )
    const all = sending.reduce((sum, { rate }) => sum + rate, 0)

    return new Map(
      [...this.#models.values()].map(model => [
        model,
        model.rate * Math.min(1, this.#line / Math.max(1, all))
      ])
    )
  }

  /** All streams of a source share its rate. */
  #flow(model: Model, rate: number): void {
    const streams = [...this.#streams.values()].filter(
      stream => stream.model === model && stream.waitUntil <= this.#now && !stream.isSilent
    )
    const flowing = streams.filter(stream => !stream.isPaused)

    for (const stream of streams) this.#resume(stream)
    for (const stream of flowing) this.#send(stream, (rate * TICK) / flowing.length)
  }

  #resume(stream: Stream): void {
    if (stream.isPaused && this.#plan.isInWindow(stream.next)) {
      stream.isPaused = false
      this.#tell({ type: 'resumed', request: stream.request })
    }
  }

  #send(stream: Stream, budget: number): void {
    for (let bytes = budget; bytes > 0 && this.#streams.has(stream.request.id);) {
      if (!this.#plan.isInWindow(stream.next)) {
        stream.isPaused = true
        this.#tell({ type: 'paused', request: stream.request })

        return
      }
      if (stream.left === BLOCK && this.#strikes(stream)) return

      const sent = Math.min(bytes, stream.left)

      bytes -= sent
      stream.left -= sent
      if (stream.request.by === 'range') {
        this.#tell({ type: 'bytes', request: stream.request, bytes: sent })
      }
      if (stream.left === 0) this.#complete(stream)
    }
  }

  #strikes(stream: Stream): boolean {
    const kind = stream.model.fault?.(stream.next, this.#now)

    if (kind == null) return false
    if (kind === 'silence') stream.isSilent = true
    else this.#end(stream.request, kind)

    return true
  }

  #complete(stream: Stream): void {
    const index = stream.next
    const { request, model } = stream

    this.#sent.set(model.id, (this.#sent.get(model.id) ?? 0) + 1)
    if (this.#plan.isWanted(index)) this.#held.add(index)
    this.#mostHeld = Math.max(this.#mostHeld, this.#held.size * BLOCK)
    stream.next += 1
    stream.left = BLOCK
    this.#tell({ type: 'block', request, index, bytes: BLOCK })
    if (stream.next >= request.to) this.#streams.delete(request.id)
    while (this.#held.delete(this.#taken)) {
      this.#taken += 1
      this.#tell({ type: 'taken' })
    }
  }

  #end(request: Request, kind: FaultKind): void {
    this.#streams.delete(request.id)
    if (kind === 'wrong' && this.#blamedAt === 0) this.#blamedAt = this.#now
    this.#tell({
      type: 'ended',
      request,
      fault: { source: request.source, kind, reason: kind, cid: '', path: [], time: this.#now }
    })
  }

  #tell(event: PlanEvent): void {
    for (const action of this.#plan.handle(event, this.#now)) this.#act(action)
  }

  #act(action: PlanAction): void {
    switch (action.type) {
      case 'ask':
        this.#ask(action.request)
        break
      case 'cancel':
        this.#streams.delete(action.request.id)
        break
      case 'stalled':
        this.#end(action.request, 'stalled')
        break
      case 'give-up':
        if (!this.#isFailed) this.#faults.push(...action.faults.map(({ kind }) => kind))
        this.#isFailed = true
        break
      case 'copy':
      case 'look':
        throw new Error(`${action.type} without a cache`)
    }
  }

  #ask(request: Request): void {
    const model = this.#models.get(request.source)

    if (model == null) throw new Error(`${request.source} does not exist`)

    const isFirst = this.#requests.every(({ source }) => source !== request.source)

    this.#requests.push({ ...request })
    this.#streams.set(request.id, {
      request,
      model,
      next: request.from,
      begun: false,
      left: BLOCK,
      waitUntil: this.#now + model.latency + (isFirst ? (model.connecting ?? 0) : 0),
      isPaused: false,
      isSilent: false
    })
  }
}

function cidOf(index: number): CID {
  return CID.createV1(0x55, create(0x12, createHash('sha256').update(String(index)).digest()))
}
