import type { AbortOptions } from '@libp2p/interface'
import { backoffDelay } from '../backoff.ts'
import { SeedError } from '../errors.ts'
import { askSeed } from '../first-contact/service.ts'
import type { PeerContact, RecordNetwork } from '../network.ts'
import { checkTimes } from '../node-record.ts'
import type { VerifiedRecord } from '../record.ts'
import type { Seed } from '../seed.ts'
import type { DiscoveryStore } from '../store.ts'

/** Nodes of a seed's sample that are dialled, and remembered peers tried at once. */
const DIAL_AT_ONCE = 8

/** How long remembered peers are tried before the seeds are asked as well, in ms. */
const REMEMBERED_HEAD_START = 400

/** How long one dial may take, in ms. */
const DIAL_TIMEOUT = 5000

/** How often the peers are looked at, in ms: whether any are left, and which to remember. */
const WATCH_INTERVAL = 30_000

/** Between a new connection and writing the list of peers, in ms. */
const REMEMBER_DELAY = 1000

/** From this difference on, in ms, the clock here or there is said to be wrong. */
const CLOCK_WARNING = 5 * 60 * 1000

export interface JoinAttempt {
  readonly via: string
  readonly outcome: 'ok' | 'failed'
  readonly detail: string
  /** ms since the epoch */
  readonly at: number
}

export interface JoinState {
  readonly joined: boolean
  readonly attempts: readonly JoinAttempt[]
}

export interface JoinOptions {
  readonly network: RecordNetwork
  readonly store: DiscoveryStore
  readonly seeds: readonly Seed[]
  /** Called each time that the node gets from no peers to some. */
  readonly onJoined: (via: string) => void
  readonly onWarning: (message: string) => void
  /** Records that a seed told of, verified and current. */
  readonly onRecords: (records: readonly VerifiedRecord[]) => void
}

/** Gets a node onto the network and back onto it: remembered peers first, then its seeds side by side, with backoff (A26). */
export class Joiner {
  readonly #options: JoinOptions
  readonly #attempts = new Map<string, JoinAttempt>()
  #joined = false
  #round = 0
  #timer: NodeJS.Timeout | undefined
  #rememberTimer: NodeJS.Timeout | undefined
  #abort = new AbortController()

  constructor(options: JoinOptions) {
    this.#options = options
  }

  get state(): JoinState {
    return { joined: this.#joined, attempts: [...this.#attempts.values()] }
  }

  start(): void {
    this.#abort = new AbortController()
    void this.#run()
  }

  stop(): void {
    this.#abort.abort()
    clearTimeout(this.#timer)
    clearTimeout(this.#rememberTimer)
  }

  /** A peer connected by itself, as one that found this node on the LAN does. */
  peerConnected(): void {
    if (!this.#joined && !this.#abort.signal.aborted) this.#schedule(0)

    // The newest neighbours must survive a kill, and many connect at once.
    this.#rememberTimer ??= setTimeout(() => {
      this.#rememberTimer = undefined
      void this.#rememberPeers()
    }, REMEMBER_DELAY).unref()
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort

    try {
      if (this.#options.network.connectedPeers().length > 0) {
        await this.#settle('a connected peer', signal)
      } else {
        this.#joined = false
        await this.#joinOnce(signal)
      }
    } catch (error) {
      if (!signal.aborted) this.#options.onWarning(`Joining failed: ${message(error)}`)
    }

    if (signal.aborted) return

    this.#round = this.#joined ? 0 : this.#round + 1
    this.#schedule(this.#joined ? WATCH_INTERVAL : backoffDelay(this.#round, Math.random()))
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#run(), delay).unref()
  }

  async #joinOnce(signal: AbortSignal): Promise<void> {
    const remembered = await this.#options.store.rememberedPeers()
    const attempts = [
      ...remembered
        .slice(0, DIAL_AT_ONCE)
        .map(async peer =>
          this.#attempt('a remembered peer', async () => this.#dial(peer, signal))
        ),
      this.#askSeedsLater(remembered.length > 0 ? REMEMBERED_HEAD_START : 0, signal)
    ]
    const via = await Promise.any(attempts).catch(() => undefined)

    if (via != null) await this.#settle(via, signal)
  }

  async #askSeedsLater(delay: number, signal: AbortSignal): Promise<string> {
    if (delay > 0) await pause(delay, signal)

    return Promise.any(
      this.#options.seeds.map(async seed =>
        this.#attempt(seed.text, async () => {
          await this.#trySeed(seed, signal)
        })
      )
    )
  }

  async #trySeed(seed: Seed, signal: AbortSignal): Promise<void> {
    if (seed.kind === 'multiaddr') {
      await this.#dial([seed.text], signal)
      return
    }

    const answer = await askSeed(seed, { signal })
    const now = Date.now()
    const skew = answer.time - now

    if (Math.abs(skew) > CLOCK_WARNING) {
      this.#options.onWarning(
        `The clock of this machine and that of the seed ${seed.origin} differ by ${(Math.abs(skew) / 3_600_000).toFixed(1)} h (here ${new Date(now).toISOString()}). Records are refused when a clock is wrong by more than a day: check the clock.`
      )
    }

    const current = [answer.node, ...answer.sample].filter(record => isCurrent(record, now))

    this.#options.onRecords(current)
    await Promise.any(
      [answer.node, ...current.slice(1, DIAL_AT_ONCE)].map(async record =>
        this.#dial(record.multiaddrs, signal)
      )
    )
  }

  async #dial(multiaddrs: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#options.network.dial(multiaddrs, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT)])
    })
  }

  async #attempt(via: string, act: () => Promise<void>): Promise<string> {
    try {
      await act()
      this.#note({ via, outcome: 'ok', detail: 'connected', at: Date.now() })

      return via
    } catch (error) {
      const detail = message(error)

      this.#note({ via, outcome: 'failed', detail, at: Date.now() })
      if (error instanceof SeedError && this.#round === 0) this.#options.onWarning(detail)
      throw error
    }
  }

  /** One line for each seed: there are as many as the operator configured, and one for all remembered peers. */
  #note(attempt: JoinAttempt): void {
    this.#attempts.set(attempt.via, attempt)
  }

  async #settle(via: string, signal: AbortSignal): Promise<void> {
    if (!this.#joined) {
      await this.#options.network.settle({ signal })
      this.#joined = true
      this.#options.onJoined(via)
    }

    await this.#rememberPeers()
  }

  async #rememberPeers(options: AbortOptions = this.#abort): Promise<void> {
    if (options.signal?.aborted === true) return

    const connected = this.#options.network.connectedPeers().map(withPeerId)
    const known = await this.#options.store.rememberedPeers()
    const ids = new Set(connected.map(peer => peerIdOf(peer)))

    if (connected.length > 0) {
      await this.#options.store.rememberPeers([
        ...connected,
        ...known.filter(peer => !ids.has(peerIdOf(peer)))
      ])
    }
  }
}

function withPeerId({ peerId, multiaddrs }: PeerContact): string[] {
  return multiaddrs.map(address =>
    address.includes('/p2p/') ? address : `${address}/p2p/${peerId}`
  )
}

function peerIdOf(multiaddrs: readonly string[]): string {
  return multiaddrs[0]?.split('/p2p/').at(-1) ?? ''
}

function isCurrent(record: VerifiedRecord, now: number): boolean {
  try {
    checkTimes(record, now)

    return true
  } catch {
    return false
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise((resolve, reject) => {
    setTimeout(resolve, milliseconds).unref()
    signal.addEventListener('abort', reject, { once: true })
  })
}

function message(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(message))].join('; ')

  return error instanceof Error ? error.message : String(error)
}
