import { createHash } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { Paces } from '../../../../overlay/content/fetch/plan/pace.ts'
import { Plan } from '../../../../overlay/content/fetch/plan/plan.ts'
import type { PlanAction, PlanEvent } from '../../../../overlay/content/fetch/plan/event.ts'
import type { Request } from '../../../../overlay/content/fetch/plan/request.ts'
import type { FaultKind } from '../../../../overlay/content/fetch/source.ts'

const BLOCK = 256 << 10
const WINDOW = 16 * BLOCK

/** A source in a world with a clock of its own; `rate` in bytes a ms, shared by its requests. */
interface Model {
  readonly id: string
  readonly latency: number
  readonly rate: number
  readonly hasRanges?: boolean
  readonly hasBlocks?: boolean
  /** What happens to a block of it instead, by index and time. */
  readonly fault?: (index: number, now: number) => FaultKind | 'silence' | undefined
}

interface Outcome {
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

test('one source is asked for one long range', t => {
  const { time, requests } = run([{ id: 'a', latency: 20, rate: 8000 }], 64)

  t.is(requests.length, 1)
  t.is(requests[0]?.by, 'range')
  t.true(time < 20 + (64 * BLOCK) / 8000 + 5)
})

test('two equal sources are nearly twice as fast as one, four nearly four times', t => {
  const sources = ['a', 'b', 'c', 'd'].map(id => ({ id, latency: 20, rate: 8000 }))
  const [one, two, four] = [1, 2, 4].map(count => run(sources.slice(0, count), 256).time)

  t.true((one ?? 0) / (two ?? 1) > 1.8, `${one} ${two}`)
  t.true((one ?? 0) / (four ?? 1) > 3, `${one} ${four}`)
})

test('a source that only has single blocks is asked for several at once', t => {
  const { requests, time } = run([{ id: 'a', latency: 50, rate: 80_000, hasRanges: false }], 64)

  t.true(requests.every(({ by, from, to }) => by === 'block' && to === from + 1))
  t.true(time < (64 * 50) / 2)
})

test('a slow source beside a fast one does not make it slower', t => {
  const fast = { id: 'fast', latency: 10, rate: 16_000 }

  for (const rate of [1, 50, 400, 4000]) {
    const both = run([{ id: 'slow', latency: 200, rate }, fast], 256)

    t.true(both.time < run([fast], 256).time * 1.1 + 1000, `${rate}: ${both.time}`)
  }
})

test('a source that falls silent in the middle is left for another within a second or two, and the loss is bounded', t => {
  const silent = {
    id: 'silent',
    latency: 10,
    rate: 8000,
    fault: (index: number) => (index >= 20 ? ('silence' as const) : undefined)
  }
  const other = { id: 'other', latency: 10, rate: 8000 }
  const { time, sent } = run([silent, other], 128)

  t.true(time < run([other], 128).time + 3000, `${time}`)
  t.true((sent.get('silent') ?? 0) + (sent.get('other') ?? 0) <= 128 * 1.1 + 8)
})

test('hedging asks for at most a tenth twice, and 2 MiB', t => {
  const { requests, time } = run([erratic('a'), erratic('b')], 200)
  const hedged = requests.filter(({ isHedge }) => isHedge).length

  t.true(time < Number.POSITIVE_INFINITY)
  t.log(hedged, time)
  t.true(hedged > 0)
  t.true(hedged * BLOCK <= 200 * BLOCK * 0.1 + (2 << 20) + BLOCK)
})

test('a source that sends nothing is given up after 10 s for a range and 15 s for a block', t => {
  const range = run([{ id: 'a', latency: 1, rate: 1, hasBlocks: false, fault: silence }], 4)
  const block = run([{ id: 'a', latency: 1, rate: 1, hasRanges: false, fault: silence }], 4)

  t.deepEqual(range.faults, ['stalled', 'stalled', 'stalled'])
  t.deepEqual(block.faults, ['stalled', 'stalled', 'stalled'])
  t.true(range.requests.length >= 3 && block.requests.length >= 3)
})

test('a source that is wrong once is not asked again, whatever else it carries', t => {
  const wrong: Model = {
    id: 'wrong',
    latency: 5,
    rate: 16_000,
    fault: index => (index >= 7 ? 'wrong' : undefined)
  }
  const { requests, time, blamedAt } = run([wrong, { id: 'right', latency: 5, rate: 16_000 }], 128)
  const blamed = requests.filter(({ source }) => source === 'wrong')

  t.true(time < Number.POSITIVE_INFINITY)
  t.true(blamedAt > 0)
  t.true(blamed.every(({ startedAt }) => startedAt <= blamedAt))
})

test('a source without the blocks is asked for a few of them only', t => {
  const empty: Model = {
    id: 'empty',
    latency: 5,
    rate: 1000,
    hasRanges: false,
    fault: () => 'absent'
  }
  const { requests } = run([empty, { id: 'full', latency: 5, rate: 1000 }], 256)

  t.true(requests.filter(({ source }) => source === 'empty').length <= 8)
})

test('whatever sources do, with an honest one everything arrives, and the window is never exceeded', t => {
  const kinds = ['failed', 'stalled', 'absent', 'wrong', 'silence', undefined] as const
  const source = fc.record({
    latency: fc.integer({ min: 1, max: 3000 }),
    rate: fc.integer({ min: 1, max: 20_000 }),
    hasRanges: fc.boolean(),
    hasBlocks: fc.boolean(),
    kind: fc.constantFrom(...kinds),
    from: fc.nat(60)
  })

  fc.assert(
    fc.property(
      fc.array(source, { maxLength: 6 }),
      fc.nat(6),
      fc.integer({ min: 1, max: 60 }),
      (others, place, count) => {
        const models = others.map(({ kind, from, ...model }, index): Model => ({
          ...model,
          id: `source ${index}`,
          fault: at => (at >= from ? kind : undefined)
        }))

        models.splice(Math.min(place, models.length), 0, { id: 'honest', latency: 50, rate: 1000 })

        const { time, mostHeld } = run(models, count)

        return time < Number.POSITIVE_INFINITY && mostHeld <= WINDOW
      }
    ),
    { numRuns: 200 }
  )
  t.pass()
})

/** Runs a transfer of `count` blocks in virtual time; the reader takes each block as soon as it is there. */
function run(models: readonly Model[], count: number): Outcome {
  return new World(models, count).run()
}

const silence = (): 'silence' => 'silence'

/** Falls silent so often that it is late all the time. */
function erratic(id: string): Model {
  return {
    id,
    latency: 10,
    rate: 1000,
    fault: (index, now) => (Math.floor(now / 700 + index) % 7 === 0 ? 'silence' : undefined)
  }
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

  constructor(models: readonly Model[], count: number) {
    this.#models = new Map(models.map(model => [model.id, model]))
    this.#count = count
    this.#plan = new Plan({
      sources: () =>
        models.map(({ id, hasRanges = true, hasBlocks = true }) => ({ id, hasRanges, hasBlocks })),
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
    for (const model of this.#models.values()) this.#flow(model)
  }

  /** All streams of a source share its rate. */
  #flow(model: Model): void {
    const streams = [...this.#streams.values()].filter(
      stream => stream.model === model && stream.waitUntil <= this.#now && !stream.isSilent
    )
    const flowing = streams.filter(stream => !stream.isPaused)

    for (const stream of streams) this.#resume(stream)
    for (const stream of flowing) this.#send(stream, (model.rate * TICK) / flowing.length)
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
    this.#requests.push({ ...request })
    this.#streams.set(request.id, {
      request,
      model,
      next: request.from,
      begun: false,
      left: BLOCK,
      waitUntil: this.#now + model.latency,
      isPaused: false,
      isSilent: false
    })
  }
}

function cidOf(index: number): CID {
  return CID.createV1(0x55, create(0x12, createHash('sha256').update(String(index)).digest()))
}
