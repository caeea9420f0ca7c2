import { LRUCache } from 'lru-cache'
import type { buildConnector, Dispatcher } from 'undici'
import type { ProxyLimits } from '../settings.ts'

/** Connections to web servers; those not used for longest go. */
export class Pools {
  readonly #limits: ProxyLimits
  readonly #connect: buildConnector.connector | undefined
  readonly #pools: LRUCache<string, Promise<Dispatcher>>

  /** Without `connect`, connections are made as undici makes them. */
  constructor(limits: ProxyLimits, connect?: buildConnector.connector) {
    this.#limits = limits
    this.#connect = connect
    this.#pools = new LRUCache({
      max: limits.maxOrigins,
      dispose: pool => void pool.then(async one => one.close())
    })
  }

  async of(origin: string): Promise<Dispatcher> {
    const known = this.#pools.get(origin)

    if (known !== undefined) {
      return known
    }

    const made = this.#create(origin)

    this.#pools.set(origin, made)

    return made
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(async pool => (await pool).destroy()))
  }

  async #create(origin: string): Promise<Dispatcher> {
    const { Pool } = await import('undici')
    const limits = this.#limits

    return new Pool(origin, {
      ...(this.#connect === undefined ? {} : { connect: this.#connect }),
      connections: limits.connectionsPerOrigin,
      connectTimeout: limits.connectTimeout,
      pipelining: 1,
      allowH2: false,
      headersTimeout: limits.answerTimeout,
      bodyTimeout: limits.bodyIdleTimeout,
      keepAliveTimeout: limits.keepAliveTimeout,
      keepAliveMaxTimeout: limits.keepAliveTimeout,
      maxHeaderSize: limits.maxHeaderSize
    })
  }
}
