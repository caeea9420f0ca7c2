import { lookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { Agent } from 'undici'
import type { HttpGet } from '../../../../overlay/content/fetch/index.ts'
import type { GatewayLimits } from '../../../config.ts'
import { isPublicAddress } from '../address-policy.ts'
import { ForbiddenAddressError, sourceFailure } from '../failure.ts'

export interface WebClientOptions {
  readonly limits: GatewayLimits
  /** Sources may have addresses of this machine and of private networks, since the owner listed them. */
  readonly allowPrivate: boolean
  /** Who answers need not prove it: what it sends is signed, or compared. */
  readonly anyCertificate?: boolean | undefined
}

// Blocks of one file are asked for side by side.
const CONNECTIONS = 8

/** GET requests to servers that nobody vouches for: redirections are not followed, bodies not decoded, and private addresses not dialled. */
export class WebClient {
  readonly #options: WebClientOptions
  #agent: Promise<Agent> | undefined

  constructor(options: WebClientOptions) {
    this.#options = options
  }

  /** How one server is asked; targets are paths with their query. */
  getterFor(url: URL): HttpGet {
    return async (target, headers, signal) => {
      // An address that stands in the URL itself is never looked up.
      const host = url.hostname.replace(/^\[(.*)\]$/, '$1')

      if (!this.#options.allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) {
        throw sourceFailure(new ForbiddenAddressError(host))
      }

      const request = { origin: url.origin, path: target, method: 'GET', headers, signal } as const

      try {
        this.#agent ??= makeAgent(this.#options)

        const { statusCode, headers: fields, body } = await (await this.#agent).request(request)

        return { status: statusCode, headers: fields, body }
      } catch (error) {
        signal.throwIfAborted()

        throw sourceFailure(error)
      }
    }
  }

  async close(): Promise<void> {
    await (await this.#agent)?.destroy()
  }
}

/** Loads what few nodes need: nodes are asked by other means. */
async function makeAgent(options: WebClientOptions): Promise<Agent> {
  const { limits, allowPrivate, anyCertificate = false } = options
  const { Agent: Made } = await import('undici')

  return new Made({
    connect: {
      timeout: limits.connectTimeout,
      rejectUnauthorized: !anyCertificate,
      ...(allowPrivate ? {} : { lookup: publicLookup })
    },
    connections: CONNECTIONS,
    allowH2: false,
    headersTimeout: limits.headersTimeout,
    bodyTimeout: limits.bodyIdleTimeout,
    keepAliveTimeout: limits.nodeKeepAliveTimeout,
    maxHeaderSize: limits.maxHeaderSize
  })
}

/** Names are resolved and judged at once, so that a second answer of the DNS changes nothing. */
const publicLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const allowed =
      error === null ? addresses.filter(({ address }) => isPublicAddress(address)) : []
    const [first] = allowed

    if (error !== null) {
      callback(error, [])
    } else if (first === undefined) {
      callback(new ForbiddenAddressError(textOf(addresses)), [])
    } else if (options.all === true) {
      callback(null, allowed)
    } else {
      callback(null, first.address, first.family)
    }
  })
}

function textOf(addresses: readonly LookupAddress[]): string {
  return addresses.map(({ address }) => address).join(', ')
}
