import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { buildConnector, Dispatcher } from 'undici'
import Pool from 'undici/lib/dispatcher/pool.js'
import type { Step, VerifiedRecord } from '../../../discovery/index.ts'
import { formatLabel } from '../../../identity/index.ts'
import type { GatewayLimits } from '../../config.ts'
import type { TlsPair } from '../../listeners/secure-context.ts'
import { ConnectFailure, explain } from '../connection/failure.ts'
import { connectPinned, pinOf, type Pin } from '../connection/service.ts'
import { readEndpoints } from './endpoints.ts'

export interface PeerOptions {
  readonly limits: GatewayLimits
  /** HTTP over libp2p; it is authenticated by the libp2p key in the record. */
  readonly openStream: (
    record: VerifiedRecord,
    options: { signal?: AbortSignal }
  ) => Promise<Duplex>
  /** What this node shows of itself; nothing where it is not given. Then HTTP over libp2p, which shows nothing, is no way. */
  readonly ownTls?: (() => TlsPair) | undefined
  /** Hears which way a connection came about. */
  readonly onConnect: (record: VerifiedRecord, steps: readonly Step[]) => void
  /** Hears how long a handshake took, in ms. */
  readonly onRoundTrip?: ((record: VerifiedRecord, roundTrip: number) => void) | undefined
}

type Way = 'https' | 'stream'

interface Connected {
  readonly socket: Duplex
  readonly steps: readonly Step[]
}

// A node that has just been out of reach is not tried again for every request that waits for it.
const FAILURE_MEMORY = 1000

/** Another node as a source of documents: its connections, and the way on which it was reached. */
export class Peer {
  readonly pool: Dispatcher
  readonly #options: PeerOptions
  readonly #closed = new AbortController()
  #record: VerifiedRecord
  #pin: Pin
  #lastEndpoint: string | undefined
  #streamFirstUntil = 0
  #isRetired = false
  #failure: { readonly error: ConnectFailure; readonly until: number } | undefined
  #steps: readonly Step[] = []

  constructor(record: VerifiedRecord, options: PeerOptions) {
    const { limits } = options

    this.#record = record
    this.#options = options
    this.#pin = pinOf(record, options.ownTls?.())
    // The connections are made below; the origin only gives the Host field.
    this.pool = new Pool(`http://${formatLabel(record.address)}.localhost`, {
      connect: (_target, callback) => {
        void this.#hand(callback)
      },
      connections: limits.connectionsPerNode,
      pipelining: 1,
      allowH2: false,
      headersTimeout: limits.headersTimeout,
      bodyTimeout: limits.bodyIdleTimeout,
      keepAliveTimeout: limits.nodeKeepAliveTimeout,
      keepAliveMaxTimeout: limits.nodeKeepAliveTimeout,
      maxHeaderSize: limits.maxHeaderSize
    })
  }

  get record(): VerifiedRecord {
    return this.#record
  }

  /** How the last connection came about. */
  get steps(): readonly Step[] {
    return this.#steps
  }

  /** Takes a newer record; connections that stand remain, since the key is the same. */
  update(record: VerifiedRecord): void {
    if (record.seq <= this.#record.seq) {
      return
    }

    this.#record = record
    this.#pin = pinOf(record, this.#options.ownTls?.())
    this.#failure = undefined
    this.#streamFirstUntil = 0
  }

  get isRetired(): boolean {
    return this.#isRetired
  }

  /** Lets what is under way end, and takes nothing new. */
  async retire(): Promise<void> {
    this.#isRetired = true
    await this.pool.close()
  }

  async close(): Promise<void> {
    this.#closed.abort()
    await this.pool.destroy()
  }

  async #hand(callback: buildConnector.Callback): Promise<void> {
    let socket: Duplex

    try {
      socket = await this.#connect()
    } catch (error) {
      callback(error instanceof Error ? error : new Error(explain(error)), null)

      return
    }

    if (isSocket(socket)) {
      callback(null, socket)
    }
  }

  async #connect(): Promise<Duplex> {
    if (this.#failure !== undefined && performance.now() < this.#failure.until) {
      throw this.#failure.error
    }

    try {
      const { socket, steps } = await this.#tryWays()

      this.#failure = undefined
      this.#steps = steps
      this.#options.onConnect(this.#record, steps)

      return socket
    } catch (error) {
      if (error instanceof ConnectFailure) {
        this.#failure = { error, until: performance.now() + FAILURE_MEMORY }
      }

      throw error
    }
  }

  async #tryWays(): Promise<Connected> {
    const ways = this.#ways
    const failed: Step[] = []

    for (const way of ways) {
      try {
        const { socket, steps } = await (way === 'https' ? this.#overHttps() : this.#overStream())

        return { socket, steps: [...failed, ...steps] }
      } catch (error) {
        failed.push(...(error instanceof ConnectFailure ? error.steps : [unforeseen(error)]))
      }
    }

    throw new ConnectFailure(failed)
  }

  get #ways(): readonly Way[] {
    if (this.#options.ownTls !== undefined) {
      return ['https']
    }

    return performance.now() < this.#streamFirstUntil ? ['stream', 'https'] : ['https', 'stream']
  }

  async #overHttps(): Promise<Connected> {
    const endpoints = readEndpoints(this.#record.endpoints, this.#lastEndpoint)

    if (endpoints.length === 0) {
      throw new ConnectFailure([
        { step: 'address', outcome: 'skipped', detail: 'The record names no https endpoint.' }
      ])
    }

    const { socket, endpoint, roundTrip } = await connectPinned(
      endpoints,
      this.#pin,
      this.#options.limits.connectTimeout,
      this.#closed.signal
    )

    this.#options.onRoundTrip?.(this.#record, roundTrip)
    this.#lastEndpoint = endpoint.text
    this.#streamFirstUntil = 0

    return {
      socket,
      steps: [
        { step: 'address', outcome: 'ok', detail: `${endpoint.text} answers.` },
        {
          step: 'certificate',
          outcome: 'ok',
          detail: 'Issued by the authority of the node’s record.'
        }
      ]
    }
  }

  async #overStream(): Promise<Connected> {
    const { limits, openStream } = this.#options
    const signal = AbortSignal.any([
      this.#closed.signal,
      AbortSignal.timeout(limits.connectTimeout)
    ])

    try {
      const socket = await openStream(this.#record, { signal })

      this.#streamFirstUntil = performance.now() + limits.wayMemory

      return {
        socket,
        steps: [
          { step: 'address', outcome: 'ok', detail: 'Reached over libp2p.' },
          { step: 'certificate', outcome: 'ok', detail: 'The libp2p key of the node’s record.' }
        ]
      }
    } catch (error) {
      throw new ConnectFailure([
        { step: 'address', outcome: 'failed', detail: `Over libp2p: ${explain(error)}` }
      ])
    }
  }
}

// undici asks for no more of a socket than a stream has, and looks for ref and unref before it calls them.
function isSocket(_stream: Duplex): _stream is Socket {
  return true
}

function unforeseen(error: unknown): Step {
  return { step: 'address', outcome: 'failed', detail: explain(error) }
}
