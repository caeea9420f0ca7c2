import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { OutsiderSettings } from '../config.ts'
import { clientOf } from '../events/transport.ts'
import { isLoopback } from '../hosts/loopback.ts'
import { sendProblem } from '../pages/server.ts'
import type { Problem } from '../pages/problem.ts'
import { Admission, type Refusal } from './admission.ts'
import { Crowd, type CrowdOptions } from './crowd/service.ts'
import { tooManyOfAll, tooManyOfOne } from './problems.ts'
import { RatedSending } from './sending/service.ts'
import { sourceOf } from './source-of.ts'

export interface OutsidersOptions {
  readonly limits: OutsiderSettings
  /** A program on this machine asks, for itself. */
  readonly isLocal: (request: IncomingMessage) => boolean
  /** The connection is that of a node that the owner trusts, and nobody can pretend that. */
  readonly isTrusted: (connection: Duplex) => boolean
  /** Who mirrors the own site, and what answers tell of them. */
  readonly mirrors: CrowdOptions['mirrors']
  readonly mapFor: CrowdOptions['mapFor']
  /** The Server field. */
  readonly name: string
}

/** Clients that are neither on this machine nor trusted: what they may ask for, and how fast it leaves. */
export class Outsiders {
  readonly #options: OutsidersOptions
  readonly #admission: Admission
  readonly #sending: RatedSending | undefined
  readonly #crowd: Crowd
  /** Connections of outsiders; the first request of each goes through the parser. */
  readonly #known = new WeakSet<Duplex>()

  constructor(options: OutsidersOptions) {
    const { limits } = options

    this.#options = options
    this.#admission = new Admission(limits, performance.now())
    this.#crowd = new Crowd({ ...options, requests: limits.crowd })
    this.#sending = limits.sendRate > 0 ? new RatedSending(limits.sendRate) : undefined
  }

  /** Whether every request of a connection has to be counted, so that none may be answered in front of the parser. */
  mustParse(connection: Duplex): boolean {
    const { sourceRate, requestRate } = this.#options.limits

    return (sourceRate > 0 || requestRate > 0) && this.#known.has(connection)
  }

  /**
   * Counts a request, and sees to the pace of its connection; where it comes at the wrong time it is refused or sent elsewhere, and true is
   * returned. `path`: of the own site, where it is for that.
   */
  refuses(request: IncomingMessage, response: ServerResponse, path: string | undefined): boolean {
    const { socket } = request

    if (!this.isOutsider(request) || this.#options.isTrusted(socket)) return false

    this.#known.add(socket)
    this.#sending?.rate(socket)

    const client = clientAddress(request)
    const source = sourceOf(client)
    const refusal = this.#admission.enter(source, performance.now())

    if (refusal !== undefined) {
      sendProblem(request, response, problemOf(refusal, source), this.#options.name)

      return true
    }

    response.once('close', () => this.#admission.leave(source))

    return (
      path !== undefined && this.#crowd.sendsAway(request, response, { path, client }, this.#load)
    )
  }

  /** Another node on this machine is one, since it asks for its readers. */
  isOutsider(request: IncomingMessage): boolean {
    return request.headers.via !== undefined || !this.#options.isLocal(request)
  }

  close(): void {
    this.#crowd.close()
    this.#sending?.close()
  }

  get #load(): { readonly requests: number; readonly sendDelay: number } {
    return { requests: this.#admission.underway, sendDelay: this.#sending?.delay ?? 0 }
  }
}

/** Who asks through a proxy on this machine is who that says; of others a proxy may say what it likes. */
function clientAddress({ socket, headers }: IncomingMessage): string {
  const forwarded = headers['x-forwarded-for']
  const { remoteAddress } = clientOf(socket)

  return isLoopback(remoteAddress) && typeof forwarded === 'string'
    ? (forwarded.split(',').at(-1)?.trim() ?? '')
    : remoteAddress
}

function problemOf({ by, retryAfter }: Refusal, source: string): Problem {
  return by === 'source' ? tooManyOfOne(source, retryAfter) : tooManyOfAll(retryAfter)
}
