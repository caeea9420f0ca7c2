import { setTimeout as pause } from 'node:timers/promises'
import { errorMessage } from '../../identity/index.ts'
import { backoffDelay } from '../backoff.ts'
import { SeedError } from '../errors.ts'
import { askSeed } from '../first-contact/service.ts'
import type { PeerContact, RecordNetwork } from '../network.ts'
import { checkTimes } from '../node-record.ts'
import type { VerifiedRecord } from '../record.ts'
import type { Seed } from '../seed.ts'
import type { DiscoveryStore } from '../store.ts'
import { firstSuccess } from './first-success.ts'

/** A seed and nodes of its sample that are dialled, and remembered peers that are tried, at once. */
const DIAL_AT_ONCE = 8

/** How long remembered peers are tried before the seeds are asked as well, in ms. */
const REMEMBERED_HEAD_START = 400

/** How long one dial may take, in ms. */
const DIAL_TIMEOUT = 5000

/** How long the first walk through the DHT may take, in ms; a peer that speaks no DHT never ends it. */
const SETTLE_TIMEOUT = 10_000

/** How often the peers are looked at, in ms: whether any are left, and which to remember. */
const WATCH_INTERVAL = 30_000

/** Between a new connection and writing the list of peers, in ms. */
const REMEMBER_DELAY = 1000

/** From this difference on, in ms, the clock here or there is said to be wrong. */
const CLOCK_WARNING = 5 * 60 * 1000

/** What a join is said to have come through where the other side found this node. */
const CONNECTED_PEER = 'a connected peer'

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
  /** In ms. */
  readonly settleTimeout?: number
  readonly seedTimeout?: number
}

/** Gets a node onto the network and back onto it: remembered peers first, then its seeds side by side, with backoff (A26). */
export class Joiner {
  readonly #options: JoinOptions
  readonly #attempts = new Map<string, JoinAttempt>()
  #joined = false
  #round = 0
  #timer: NodeJS.Timeout | undefined
  #rememberTimer: NodeJS.Timeout | undefined
  #settling: Promise<void> | undefined
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
    if (this.#abort.signal.aborted) return
    if (!this.#joined) this.#schedule(0)

    // The newest neighbours must survive a kill, and many connect at once.
    this.#rememberTimer ??= setTimeout(() => {
      this.#rememberTimer = undefined
      this.#rememberPeers().catch((error: unknown) => this.#warn(error))
    }, REMEMBER_DELAY).unref()
  }

  /** A peer has gone; where it was the last, the network is looked for again. */
  peerGone(): void {
    if (this.#abort.signal.aborted || !this.#joined) return
    if (this.#options.network.connectedPeers().length > 0) return

    this.#schedule(backoffDelay(1, Math.random()))
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort

    try {
      if (!(await this.#settleWithConnected(signal))) {
        this.#joined = false
        await this.#joinOnce(signal)
      }
    } catch (error) {
      if (!signal.aborted) this.#warn(error)
    }

    if (signal.aborted) return

    const isOn = this.#joined && this.#options.network.connectedPeers().length > 0

    this.#round = this.#joined ? 0 : this.#round + 1
    this.#schedule(isOn ? WATCH_INTERVAL : backoffDelay(Math.max(1, this.#round), Math.random()))
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#run(), delay).unref()
  }

  /** Whether the peers that are there are a network; one that speaks no DHT is none. */
  async #settleWithConnected(signal: AbortSignal): Promise<boolean> {
    if (this.#options.network.connectedPeers().length === 0) return false

    await this.#settle(CONNECTED_PEER, signal)

    return this.#joined
  }

  async #joinOnce(signal: AbortSignal): Promise<void> {
    const remembered = await this.#options.store.rememberedPeers()
    const known = remembered.length > 0 ? this.#tryRemembered(remembered, signal) : undefined
    const attempts = [this.#askSeeds(known, signal), ...(known == null ? [] : [known])]
    const via = await Promise.any(attempts).catch(() => undefined)

    if (via != null) await this.#settle(via, signal)
  }

  async #tryRemembered(peers: readonly string[][], signal: AbortSignal): Promise<string> {
    return this.#attempt('a remembered peer', signal, async () => {
      await firstSuccess(peers, DIAL_AT_ONCE, async peer => this.#dial(peer, signal))
    })
  }

  /** Side by side; in the first round not before the remembered peers had their chance. */
  async #askSeeds(known: Promise<string> | undefined, signal: AbortSignal): Promise<string> {
    if (known != null && this.#round === 0) {
      const headStart = pause(REMEMBERED_HEAD_START, undefined, { signal, ref: false })
      const via = await Promise.race([known.catch(() => undefined), headStart])

      if (via != null) return via
    }

    return Promise.any(
      this.#options.seeds.map(async seed =>
        this.#attempt(seed.text, signal, async () => this.#trySeed(seed, signal))
      )
    )
  }

  async #trySeed(seed: Seed, signal: AbortSignal): Promise<void> {
    if (seed.kind === 'multiaddr') {
      await this.#dialSeed(seed.text, signal)
      return
    }

    const answer = await askSeed(seed, {
      signal,
      ...(this.#options.seedTimeout == null ? {} : { timeout: this.#options.seedTimeout })
    })
    const now = Date.now()
    const skew = answer.time - now

    if (Math.abs(skew) > CLOCK_WARNING) {
      this.#options.onWarning(
        `The clock of this machine and that of the seed ${seed.origin} differ by ${(Math.abs(skew) / 3_600_000).toFixed(1)} h (here ${new Date(now).toISOString()}). Records are refused when a clock is wrong by more than a day: check the clock.`
      )
    }

    const sample = answer.sample.filter(record => isCurrent(record, now))

    this.#options.onRecords([answer.node].filter(record => isCurrent(record, now)).concat(sample))
    // The clock may be what is wrong, so the seed itself is dialled whatever its record's times.
    await Promise.any(
      [answer.node, ...sample.slice(0, DIAL_AT_ONCE - 1)].map(async record =>
        this.#dialNode(record, signal)
      )
    )
  }

  async #dialSeed(multiaddr: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#dial([multiaddr], signal)
    } catch (error) {
      throw new SeedError(
        multiaddr,
        'unreachable',
        `The seed ${multiaddr} cannot be reached (${errorMessage(error)}).`,
        { cause: error }
      )
    }
  }

  async #dialNode(record: VerifiedRecord, signal: AbortSignal): Promise<void> {
    const peerId = await this.#dial(record.multiaddrs, signal)

    if (!this.#options.network.belongsTo(record, peerId)) {
      throw new Error(`${peerId} answers at the addresses of ${record.uuid}`)
    }
  }

  async #dial(multiaddrs: readonly string[], signal: AbortSignal): Promise<string> {
    return this.#options.network.dial(multiaddrs, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT)])
    })
  }

  async #attempt(via: string, signal: AbortSignal, act: () => Promise<void>): Promise<string> {
    try {
      await act()
      this.#note({ via, outcome: 'ok', detail: 'connected', at: Date.now() })

      return via
    } catch (error) {
      if (!signal.aborted) {
        const detail = errorMessage(error)

        this.#note({ via, outcome: 'failed', detail, at: Date.now() })
        if (error instanceof SeedError && this.#round === 0) this.#options.onWarning(detail)
      }

      throw error
    }
  }

  /** One line for each seed: there are as many as the operator configured, and one for all remembered peers. */
  #note(attempt: JoinAttempt): void {
    this.#attempts.set(attempt.via, attempt)
  }

  /** Once for all who find a peer at the same time. */
  async #settle(via: string, signal: AbortSignal): Promise<void> {
    if (!this.#joined) {
      this.#settling ??= this.#walk(via, signal).finally(() => {
        this.#settling = undefined
      })
      await this.#settling
    }

    await this.#rememberPeers()
  }

  async #walk(via: string, signal: AbortSignal): Promise<void> {
    const { network, settleTimeout = SETTLE_TIMEOUT } = this.#options
    const bound = AbortSignal.timeout(settleTimeout)

    try {
      await network.settle({ signal: AbortSignal.any([signal, bound]) })
    } catch (error) {
      if (!bound.aborted) throw error
    }

    signal.throwIfAborted()
    if (network.routingTableSize() === 0) return

    this.#joined = true
    this.#options.onJoined(via)
  }

  async #rememberPeers(): Promise<void> {
    if (this.#abort.signal.aborted || !this.#joined) return

    const connected = this.#options.network
      .connectedPeers()
      .map(withPeerId)
      .filter(addresses => addresses.length > 0)
    const known = await this.#options.store.rememberedPeers()
    const ids = new Set(connected.map(peer => peerIdOf(peer)))

    if (connected.length > 0) {
      await this.#options.store.rememberPeers([
        ...connected,
        ...known.filter(peer => !ids.has(peerIdOf(peer)))
      ])
    }
  }

  #warn(error: unknown): void {
    if (!this.#abort.signal.aborted)
      this.#options.onWarning(`Joining failed: ${errorMessage(error)}`)
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
