import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import type { PlanAction, PlanEvent } from '../../overlay/content/fetch/plan/event.ts'
import { Paces } from '../../overlay/content/fetch/plan/pace.ts'
import { Plan } from '../../overlay/content/fetch/plan/plan.ts'
import { ReadAhead } from '../../overlay/content/fetch/plan/read-ahead.ts'
import type { Request } from '../../overlay/content/fetch/plan/request.ts'
import type { FaultKind } from '../../overlay/content/fetch/source.ts'
import type { Simulation } from '../engine/simulation.ts'
import { MILLISECOND, SECOND } from '../engine/ticks.ts'

/** As the node cuts files. */
const BLOCK_BYTES = 256 << 10

/** What comes at once. */
const CHUNK_BYTES = 64 << 10

/** How long a dial to a mirror that is off takes to fail, in ticks; the node's own bound. */
const DIAL_TIMEOUT: number = 5 * SECOND

const RAW = 0x55
const SHA_256 = 0x12
const DIGEST_BYTES = 32

export interface Mirror {
  readonly id: string
  /** In ticks. */
  readonly roundTrip: number
  /** Bytes a second. */
  readonly rate: number
  readonly behaviour: 'good' | 'off' | 'wrong'
}

export interface TransferOptions {
  readonly simulation: Simulation
  readonly mirrors: readonly Mirror[]
  /** Bytes of the file. */
  readonly size: number
  /** The reader's line, bytes a second. */
  readonly downlink: number
  /** Schedules `chunk` for the request, or `tick` for none, after so many ticks. */
  readonly after: (delay: number, request: number) => void
  readonly onEnd: (transfer: Transfer) => void
}

/** In place of a request: the plan wants to look at the time. */
export const TICK = -1

/** One file on its way to a reader: the node's own plan decides what is asked of whom, and mirrors answer as their lines allow. */
export class Transfer {
  firstByteAt: number | undefined
  endedAt: number | undefined
  isWhole = false
  /** Of all mirrors, wanted or not. */
  bytes = 0
  /** The same, by mirror. */
  readonly bytesOf = new Map<string, number>()
  readonly #options: TransferOptions
  readonly #plan: Plan
  readonly #blocks: readonly number[]
  readonly #mirrors: ReadonlyMap<string, Mirror>
  readonly #requests = new Map<number, Request>()
  readonly #there = new Set<number>()
  readonly #readAhead = new ReadAhead()
  #taken = 0
  #takenBytes = 0
  #tickAt = Infinity

  constructor(options: TransferOptions) {
    const paces = new Paces()

    this.#options = options
    this.#blocks = blocksOf(options.size)
    this.#mirrors = new Map(options.mirrors.map(mirror => [mirror.id, mirror]))
    this.#readAhead.enter()
    this.#plan = new Plan({
      sources: () =>
        options.mirrors.map(({ id, roundTrip }) => ({
          id,
          hasRanges: true,
          hasBlocks: true,
          standing: { claimedRoundTrip: roundTrip / MILLISECOND, trust: 0 }
        })),
      isCached: () => false,
      paces,
      window: () => this.#readAhead.windowAfter(this.#takenBytes, options.mirrors.length)
    })
  }

  start(): void {
    const items = this.#blocks.map((size, index) => ({
      cid: cidOf(index),
      size,
      offset: index * BLOCK_BYTES
    }))

    this.#tell({ type: 'known', items, isThere: false })
  }

  /** The next bytes of a request have come, or a TICK. */
  chunk(number: number): void {
    if (this.endedAt != null) return

    if (number === TICK) {
      this.#tickAt = Infinity
      this.#tell({ type: 'time' })
      return
    }

    const request = this.#requests.get(number)

    // Cancelled since.
    if (request != null) this.#receive(request, this.#mirrors.get(request.source)!)
  }

  #receive(request: Request, { id, behaviour }: Mirror): void {
    const index = request.next
    const size = this.#blocks[index]!
    const bytes = Math.min(CHUNK_BYTES, size - request.partial)

    if (behaviour === 'off') {
      this.#end(request, 'failed')
      return
    }
    this.bytes += bytes
    this.bytesOf.set(id, (this.bytesOf.get(id) ?? 0) + bytes)
    this.#tell({ type: 'bytes', request, bytes })
    if (request.partial < size) {
      this.#schedule(request)
    } else if (behaviour === 'wrong') {
      this.#end(request, 'wrong')
    } else {
      this.#deliver(request, index, size)
    }
  }

  #deliver(request: Request, index: number, bytes: number): void {
    this.#there.add(index)
    this.#tell({ type: 'block', request, index, bytes })
    if (request.next >= request.to) this.#requests.delete(request.id)
    else if (this.#requests.has(request.id)) this.#schedule(request)
    this.#take()
  }

  /** The reader takes what is there at once. */
  #take(): void {
    while (this.#there.delete(this.#taken)) {
      this.firstByteAt ??= this.#options.simulation.now
      this.#takenBytes += this.#blocks[this.#taken]!
      this.#taken += 1
      this.#tell({ type: 'taken' })
    }
    if (this.#taken === this.#blocks.length) this.#finish(true)
  }

  #end(request: Request, kind: FaultKind): void {
    const { source, next } = request
    const fault = { source, kind, reason: kind, cid: String(next), path: [], time: this.#now }

    this.#requests.delete(request.id)
    this.#tell({ type: 'ended', request, fault })
  }

  #tell(event: PlanEvent): void {
    if (this.endedAt != null) return
    for (const action of this.#plan.handle(event, this.#now)) this.#do(action)
    this.#scheduleTick()
  }

  #do(action: PlanAction): void {
    switch (action.type) {
      case 'ask':
        this.#requests.set(action.request.id, action.request)
        this.#schedule(action.request)
        break
      case 'cancel':
        this.#requests.delete(action.request.id)
        break
      case 'stalled':
        this.#end(action.request, 'stalled')
        break
      case 'give-up':
        this.#finish(false)
        break
      case 'look':
      case 'copy':
        break
    }
  }

  #schedule(request: Request): void {
    const { roundTrip, rate, behaviour } = this.#mirrors.get(request.source)!

    if (behaviour === 'off') {
      this.#options.after(DIAL_TIMEOUT, request.id)
      return
    }

    const all = [...this.#requests.values()]
    const beside = all.filter(({ source }) => source === request.source).length
    // Lines are shared evenly by the requests that are open now.
    const pace = Math.min(rate / beside, this.#options.downlink / all.length)
    const wait = request.begunAt == null && request.partial === 0 ? roundTrip : 0

    this.#options.after(wait + Math.ceil((CHUNK_BYTES / pace) * SECOND), request.id)
  }

  #scheduleTick(): void {
    const due = this.#plan.nextTimeout()

    if (due == null || this.endedAt != null || due >= this.#tickAt) return
    this.#tickAt = due
    this.#options.after(Math.max(1, Math.ceil((due - this.#now) * MILLISECOND)), TICK)
  }

  #finish(isWhole: boolean): void {
    if (this.endedAt != null) return
    this.isWhole = isWhole
    this.endedAt = this.#options.simulation.now
    this.#options.onEnd(this)
  }

  /** As the plan counts, in ms. */
  get #now(): number {
    return this.#options.simulation.now / MILLISECOND
  }
}

function blocksOf(size: number): number[] {
  return Array.from({ length: Math.ceil(size / BLOCK_BYTES) }, (_, index) =>
    Math.min(BLOCK_BYTES, size - index * BLOCK_BYTES)
  )
}

/** A name for each block; what it is the hash of matters to nobody here. */
function cidOf(index: number): CID {
  const digest = new Uint8Array(DIGEST_BYTES)

  new DataView(digest.buffer).setUint32(0, index)

  return CID.createV1(RAW, create(SHA_256, digest))
}
