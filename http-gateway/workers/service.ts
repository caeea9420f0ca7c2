import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { Events } from '../events/service.ts'
import type { TlsPair } from '../listeners/secure-context.ts'
import { Backoff } from './backoff.ts'
import { OpenConnections } from './open-connections.ts'
import { Child } from './child/service.ts'
import { TELEGRAMS, type Figures, type Order, type Setup, type Told } from './messages.ts'

export interface WorkersOptions {
  readonly count: number
  /** As a worker is to start now. */
  readonly setup: () => Omit<Setup, 'wanted' | 'logLevel'>
  /** Where the events of the workers are told. */
  readonly events: Events
  readonly logger: FastifyBaseLogger
}

/** How often it is looked whether somebody listens to other events, in ms: subscribers of a channel come unannounced. */
const LOOK_INTERVAL = 1000

/** A worker that does not answer for so long is not waited for, in ms. */
const ANSWER_TIMEOUT = 5000

/** What a worker has to end by itself beyond the time for the requests that it answers, in ms. */
const END_TIMEOUT = 1000

/** The processes that share the ports of a node. One that dies is replaced, and nothing else stops. */
export class Workers {
  readonly #options: WorkersOptions
  readonly #slots: readonly Slot[]
  readonly #stop = new AbortController()
  #look: NodeJS.Timeout | undefined
  #wanted = ''

  constructor(options: WorkersOptions) {
    this.#options = options
    this.#slots = Array.from({ length: options.count }, () => ({
      backoff: new Backoff(),
      connections: new OpenConnections()
    }))
  }

  /** What all of them keep in memory. */
  get figures(): Figures {
    const all = this.#slots.flatMap(({ figures }) => figures ?? [])

    return {
      count: all.reduce((sum, { count }) => sum + count, 0),
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0)
    }
  }

  /** @throws {PortTakenError | CannotListenError} with no worker left */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#slots.map(async slot => this.#startIn(slot)))
    } catch (error) {
      await this.close(0)

      throw error
    }

    this.#wanted = this.#wantedNow().join(' ')
    this.#look = setInterval(() => this.#lookAtListeners(), LOOK_INTERVAL).unref()
  }

  /** Resolves when all that answer have the new folder. */
  async publish(root: string | undefined): Promise<void> {
    await this.#tellAll({ do: 'publish', root })
  }

  /** Resolves when none that answers has an older file in memory. */
  async refresh(): Promise<void> {
    await this.#tellAll({ do: 'refresh' })
  }

  /** Programs answer other paths now. */
  async handle(paths: readonly string[]): Promise<void> {
    await this.#tellAll({ do: 'handle', paths })
  }

  async renew(tls: TlsPair): Promise<void> {
    await this.#tellAll({ do: 'renew', tls })
  }

  /** @param timeout for the requests that are being answered, in ms */
  async close(timeout: number): Promise<void> {
    this.#stop.abort()
    clearInterval(this.#look)
    await Promise.all(this.#slots.map(async ({ child }) => child?.close(timeout + END_TIMEOUT)))
  }

  async #startIn(slot: Slot): Promise<void> {
    const { setup, logger } = this.#options
    const child = new Child({
      onTold: told => this.#hear(told, slot),
      onExit: (how, lifetime) => {
        slot.child = undefined
        slot.figures = undefined
        this.#tellEnd(slot, lifetime)

        if (slot.isSound === true && !this.#stop.signal.aborted) {
          void this.#replace(slot, how, lifetime)
        }
      }
    })

    slot.child = child
    slot.isSound = false
    await child.ask({
      do: 'start',
      setup: { ...setup(), wanted: this.#wantedNow(), logLevel: logger.level }
    })
    slot.isSound = true
  }

  async #replace(slot: Slot, how: string, lifetime: number): Promise<void> {
    const { logger } = this.#options
    const { signal } = this.#stop
    let lived = lifetime
    let reason = how

    while (!signal.aborted) {
      const wait = slot.backoff.next(lived)

      logger.error({ reason, milliseconds: wait }, 'a worker has gone; another takes its place')
      await delay(wait, undefined, { signal }).catch(() => undefined)

      if (signal.aborted) return

      try {
        await this.#startIn(slot)

        return
      } catch (error) {
        // What is left of it, such as a worker that could not listen.
        await slot.child?.close(0)
        lived = 0
        reason = error instanceof Error ? error.message : String(error)
      }
    }
  }

  #hear(told: Exclude<Told, { tell: 'done' | 'failed' }>, slot: Slot): void {
    const { events, logger } = this.#options

    if (told.tell === 'log') {
      logger[told.level](told.entry, told.text)

      return
    }

    slot.figures = told.figures

    for (const { name, message } of told.events) {
      slot.connections.note(name, message)
      events.tell(name, message, message.at)
    }
  }

  /** Connections that ended with their worker, which could not tell. */
  #tellEnd(slot: Slot, lifetime: number): void {
    for (const transport of slot.connections.takeAll()) {
      const details = { transport, remoteAddress: '', milliseconds: lifetime }

      this.#options.events.tell('disconnection', details)
    }
  }

  #lookAtListeners(): void {
    const wanted = this.#wantedNow()
    const text = wanted.join(' ')

    if (text !== this.#wanted) {
      this.#wanted = text
      void this.#tellAll({ do: 'want', wanted })
    }
  }

  #wantedNow(): (typeof TELEGRAMS)[number][] {
    return TELEGRAMS.filter(name => this.#options.events.wants(name))
  }

  async #tellAll(order: Order): Promise<void> {
    const answered = this.#slots.map(async ({ child }) => child?.ask(order))

    // One that has gone, or hangs, gets all of it when its successor starts.
    await Promise.race([
      Promise.allSettled(answered),
      delay(ANSWER_TIMEOUT, undefined, { ref: false })
    ])
  }
}

interface Slot {
  readonly backoff: Backoff
  readonly connections: OpenConnections
  child?: Child | undefined
  figures?: Figures | undefined
  /** It has started, so that its end is a fault. */
  isSound?: boolean
}
