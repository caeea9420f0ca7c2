import { lengthOf } from '../../block-cache/pieces.ts'
import { BlockUnavailableError, InvalidTreeError, SourceError } from '../errors.ts'
import type { Asked, PlanAction, PlanEvent } from '../plan/event.ts'
import { Plan } from '../plan/plan.ts'
import type { Request } from '../plan/request.ts'
import type { Item } from '../plan/slots.ts'
import type { BlockSource, SourceFault } from '../source.ts'
import { Alarm } from './alarm/service.ts'
import { askForBlock, askForRange, blocksOfRange } from './answers.ts'
import type { AssembledBlock } from './block-assembler.ts'
import { faultOf, withExcluded } from './fault.ts'
import {
  askedOf,
  type Delivered,
  type Piece,
  type TransferContext,
  type TransferFile
} from './context.ts'

interface Running {
  readonly abort: AbortController
  readonly items: readonly Item[]
}

/** Carries out what the plan says: delivers blocks in order, each checked, until it is closed. */
export class Transfer {
  readonly #context: TransferContext
  readonly #file: TransferFile
  readonly #pieces: AsyncIterator<readonly Piece[]>
  readonly #plan: Plan
  readonly #items = new Map<number, Item>()
  readonly #blocks = new Map<number, readonly Uint8Array[]>()
  readonly #running = new Map<number, Running>()
  /** What the reader is told instead of a block, by index. */
  readonly #failures = new Map<number, unknown>()
  readonly #events: PlanEvent[] = []
  readonly #alarm = new Alarm(() => this.#handle({ type: 'time' }))
  #isHandling = false
  /** Who may be asked, while one event is handled. */
  #asked: Asked[] | undefined
  #known = 0
  #taken = 0
  #isPulling = false
  #isExhausted = false
  #isClosed = false
  #changed = Promise.withResolvers<void>()

  constructor(
    context: TransferContext,
    file: TransferFile,
    pieces: AsyncIterable<readonly Piece[]>
  ) {
    this.#context = context
    this.#file = file
    this.#pieces = pieces[Symbol.asyncIterator]()
    this.#plan = new Plan({
      sources: () => (this.#asked ??= context.sources().map(source => askedOf(source))),
      isCached: cid => context.cache.has(cid),
      paces: context.paces,
      lies: context.lies,
      window: context.window
    })
  }

  /**
   * The next block, undefined behind the last.
   *
   * @throws {BlockUnavailableError}
   * @throws {InvalidTreeError}
   */
  async next(signal: AbortSignal): Promise<Delivered | undefined> {
    const onAbort = (): void => this.#wake()

    signal.addEventListener('abort', onAbort, { once: true })
    try {
      for (;;) {
        signal.throwIfAborted()
        this.#pull()

        const delivered = this.#take()

        if (delivered != null) return delivered
        if (this.#isAtEnd()) return undefined
        await this.#changed.promise
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Ends all requests at once. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#alarm.end()
    for (const { abort } of this.#running.values()) abort.abort()
    this.#blocks.clear()
    this.#wake()
    // A walk that is reading a node ends by the reader's signal; what it says then is of no use.
    this.#pieces.return?.()?.then(undefined, () => {})
  }

  #take(): Delivered | undefined {
    const chunks = this.#blocks.get(this.#taken)

    if (this.#failures.has(this.#taken)) throw this.#failures.get(this.#taken)
    if (chunks == null) return undefined

    const item = this.#item(this.#taken)

    this.#blocks.delete(this.#taken)
    this.#items.delete(this.#taken)
    this.#taken += 1
    this.#handle({ type: 'taken' })

    return { item, chunks }
  }

  #isAtEnd(): boolean {
    return this.#isClosed || (this.#isExhausted && this.#taken === this.#known)
  }

  #pull(): void {
    if (this.#isPulling || this.#isExhausted || this.#isClosed || !this.#plan.isShort) return

    this.#isPulling = true
    this.#pieces.next().then(
      result => this.#pulled(result),
      (error: unknown) => {
        this.#isExhausted = true
        this.#fail(this.#known, error)
      }
    )
  }

  #pulled(result: IteratorResult<readonly Piece[]>): void {
    this.#isPulling = false
    if (this.#isClosed) return
    if (result.done === true) {
      this.#isExhausted = true
      this.#wake()

      return
    }

    for (const { item, bytes } of result.value) {
      this.#items.set(this.#known, item)
      if (bytes != null) this.#blocks.set(this.#known, [bytes])
      this.#known += 1
    }

    const isThere = result.value[0]?.bytes != null

    this.#handle({ type: 'known', items: result.value.map(({ item }) => item), isThere })
    this.#pull()
  }

  /** One event after the other: what an action brings about is heard after the actions before it. */
  #handle(event: PlanEvent): void {
    this.#events.push(event)
    if (this.#isHandling || this.#isClosed) return

    this.#isHandling = true
    for (let next = this.#events.shift(); next != null; next = this.#events.shift()) {
      this.#asked = undefined
      for (const action of this.#plan.handle(next, performance.now())) this.#act(action)
    }
    this.#isHandling = false
    if (event.type !== 'bytes') {
      this.#schedule()
      this.#wake()
    }
  }

  #act(action: PlanAction): void {
    switch (action.type) {
      case 'ask':
        void this.#ask(action.request)
        break
      case 'cancel':
        this.#running.get(action.request.id)?.abort.abort()
        break
      case 'look':
        void this.#look(action.index)
        break
      case 'stalled':
        this.#stop(action.request)
        break
      case 'copy':
        this.#hold(action.to, this.#item(action.to), this.#blocks.get(action.from) ?? [])
        break
      case 'give-up':
        this.#giveUp(action.index, action.faults)
        break
    }
  }

  #giveUp(index: number, faults: readonly SourceFault[]): void {
    const all = withExcluded(faults, this.#context.excluded())

    this.#fail(index, new BlockUnavailableError(this.#item(index).cid, this.#file.path, all))
  }

  async #look(index: number): Promise<void> {
    const item = this.#item(index)
    // A cache that fails is one that does not have it.
    const block = await this.#context.cache.get(item.cid).catch(() => undefined)

    if (this.#isClosed) return
    if (block != null) this.#hold(index, item, [block])
    this.#handle({ type: 'looked', index, isThere: block != null })
  }

  async #ask(request: Request): Promise<void> {
    const { id, from, to } = request
    const source = this.#context.sources().find(one => one.id === request.source)
    const abort = new AbortController()
    const items = Array.from({ length: to - from }, (_, index) => this.#item(from + index))

    this.#running.set(id, { abort, items })
    try {
      if (source == null) throw new SourceError('failed', 'is no source any more')
      if (request.by === 'range') await this.#readRange(source, request, items, abort.signal)
      else await this.#readBlocks(source, request, items, abort.signal)
      this.#handle({ type: 'ended', request })
    } catch (error) {
      if (!abort.signal.aborted) this.#end(request, items, error)
    } finally {
      this.#running.delete(id)
      // Whatever of the exchange is still open.
      abort.abort()
    }
  }

  async #readBlocks(
    source: BlockSource,
    request: Request,
    items: readonly Item[],
    signal: AbortSignal
  ): Promise<void> {
    for (const item of items) {
      this.#arrive(request, request.next, item, await askForBlock(source, item, signal))
    }
  }

  async #readRange(
    source: BlockSource,
    request: Request,
    items: readonly Item[],
    signal: AbortSignal
  ): Promise<void> {
    const chunks = askForRange(source, this.#file, items, signal)
    const blocks = blocksOfRange(chunks, items, {
      received: bytes => this.#handle({ type: 'bytes', request, bytes }),
      room: index =>
        this.#plan.isInWindow(request.from + index)
          ? undefined
          : this.#room(request, request.from + index, signal)
    })
    let arrived = 0

    for await (const block of blocks) {
      const item = items[arrived]

      if (item != null) this.#arrive(request, request.from + arrived, item, block)
      arrived += 1
      // Another source was given what lies behind.
      if (arrived < items.length && request.from + arrived >= request.to) return
    }
  }

  #arrive(request: Request, index: number, item: Item, block: AssembledBlock): void {
    const { chunks, isRight } = block

    if (!isRight) throw new SourceError('wrong', 'gave bytes that are not the block')
    if (this.#plan.isWanted(index)) {
      this.#context.cache.put(item.cid, chunks)
      this.#hold(index, item, chunks)
    }
    this.#handle({ type: 'block', request, index, bytes: lengthOf(chunks) })
  }

  #hold(index: number, { cid, size, hasExactSize }: Item, chunks: readonly Uint8Array[]): void {
    if (hasExactSize === true && lengthOf(chunks) !== size) {
      this.#fail(index, new InvalidTreeError(cid, 'has another size than its file says'))
    } else {
      this.#blocks.set(index, chunks)
    }
  }

  /** Waits until the block may be held, so that a fast source cannot fill the memory. */
  async #room(request: Request, index: number, signal: AbortSignal): Promise<void> {
    this.#handle({ type: 'paused', request })
    while (!this.#plan.isInWindow(index)) {
      await this.#changed.promise
      signal.throwIfAborted()
    }
    this.#handle({ type: 'resumed', request })
  }

  #stop(request: Request): void {
    const running = this.#running.get(request.id)

    running?.abort.abort()
    this.#end(
      request,
      running?.items ?? [],
      new SourceError('stalled', 'sent too little for too long')
    )
  }

  #end(request: Request, items: readonly Item[], error: unknown): void {
    const item = items[request.next - request.from] ?? items.at(-1)
    const fault = faultOf(error, {
      source: request.source,
      path: this.#file.path,
      time: Date.now(),
      ...(item == null ? {} : { item })
    })

    if (fault.kind === 'wrong') this.#context.blame(fault, request.by === 'block')
    this.#handle({ type: 'ended', request, fault })
  }

  #item(index: number): Item {
    const item = this.#items.get(index)

    if (item == null) throw new RangeError(`block ${index} is not on its way`)

    return item
  }

  #fail(index: number, error: unknown): void {
    if (!this.#failures.has(index)) this.#failures.set(index, error)
    this.#wake()
  }

  #schedule(): void {
    const next = this.#plan.nextTimeout()

    if (next != null && !this.#isClosed) this.#alarm.setFor(next)
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
