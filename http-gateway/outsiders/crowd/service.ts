import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ListedMirror } from '../../../overlay/agreements/index.ts'
import { isLoopback } from '../../hosts/loopback.ts'
import { sendProblem } from '../../pages/server.ts'
import { LoopDelay } from '../loop-delay/service.ts'
import { crowded } from '../problems.ts'
import { chooseMirror, placeOf } from './choose-mirror.ts'
import { CrowdRule, type CrowdBounds, type Load } from './crowd-rule.ts'

export interface CrowdOptions {
  /** Requests at a time from which on there is a crowd; 0 where they say nothing. */
  readonly requests: number
  /** Who mirrors the own site. */
  readonly mirrors: () => readonly ListedMirror[]
  /** The fields of the answer to `path` that tell of all mirrors, names and values in turn. */
  readonly mapFor: (path: string) => readonly string[]
  /** The Server field. */
  readonly name: string
}

interface Asked {
  readonly path: string
  /** The address of who asks. */
  readonly client: string
}

// A piece that waits so long belongs to a connection that gets 160 KiB a second: who can go elsewhere is served better there.
const BUSY: Load = { requests: 0.5, sendDelay: 100, loopDelay: 100 }

// And here to one that gets 32 KiB a second, while a person notices that this process is late.
const CROWDED: Load = { requests: 1, sendDelay: 500, loopDelay: 250 }

// What is over is below a fifth of what began it: a piece then waits for little more than itself.
const OVER = 0.2

// With fewer requests, somebody else on this machine has brought the delay.
const MANY_REQUESTS = 64

// Those who are to come again shall not all come at once, in ms.
const LEAST_WAIT = 5000
const WAIT_SPREAD = 10_000

// Mirrors that a page names.
const MAX_NAMED = 16

const NODE_PATH = '/.well-known/'

/** Sends away those who come when there are too many: who can go elsewhere to a mirror, and when that is not enough, others until later. */
export class Crowd {
  readonly #options: CrowdOptions
  readonly #busy: CrowdRule
  readonly #crowded: CrowdRule
  readonly #loop = new LoopDelay()

  constructor(options: CrowdOptions) {
    this.#options = options
    this.#busy = new CrowdRule(boundsOf(BUSY, options.requests))
    this.#crowded = new CrowdRule(boundsOf(CROWDED, options.requests))
  }

  /** Answers a request for a document of the own site where there is a crowd; false where it can be answered as usual. */
  sendsAway(
    request: IncomingMessage,
    response: ServerResponse,
    { path, client }: Asked,
    load: Omit<Load, 'loopDelay'>
  ): boolean {
    const loopDelay = load.requests < MANY_REQUESTS ? 0 : this.#loop.milliseconds
    const now = performance.now()
    const isBusy = this.#busy.isCrowded({ ...load, loopDelay }, now)
    const isCrowded = this.#crowded.isCrowded({ ...load, loopDelay }, now)

    // What nodes have to know of each other is small, and tells them where else the rest is.
    if (!isBusy || !isRead(request) || path.startsWith(NODE_PATH)) return false

    const elsewhere = isNode(request) ? this.#elsewhere(request, { path, client }) : undefined

    if (elsewhere !== undefined) this.#lead(response, elsewhere, path)
    else if (isCrowded) this.#refuse(request, response, path)

    return elsewhere !== undefined || isCrowded
  }

  close(): void {
    this.#loop.close()
  }

  #elsewhere({ headers }: IncomingMessage, { path, client }: Asked): string | undefined {
    const offered = /;\s*by="([^"]+)"/.exec(String(headers['will-mirror'] ?? ''))?.[1]
    const wanted = {
      path,
      client: {
        // All nodes of one machine have this address.
        address: isLoopback(client) ? '' : client,
        nodes: offered === undefined ? [] : [offered]
      }
    }

    return chooseMirror(this.#options.mirrors(), wanted, Math.random())?.uri
  }

  #lead(response: ServerResponse, location: string, path: string): void {
    const { name, mapFor } = this.#options

    response.writeHead(307, [
      'Server',
      name,
      'Location',
      location,
      'Content-Length',
      '0',
      'Cache-Control',
      'no-store',
      'Vary',
      'List-Mirrors',
      ...mapFor(path)
    ])
    response.end()
  }

  #refuse(request: IncomingMessage, response: ServerResponse, path: string): void {
    const { mirrors, mapFor, name } = this.#options
    const places = mirrors()
      .slice(0, MAX_NAMED)
      .flatMap(mirror => placeOf(plain(mirror), path) ?? [])
    const problem = crowded(places, LEAST_WAIT + Math.random() * WAIT_SPREAD, mapFor(path))

    sendProblem(request, response, problem, name)
  }
}

function boundsOf(load: Load, requests: number): CrowdBounds {
  const high = {
    ...load,
    requests: requests === 0 ? Number.POSITIVE_INFINITY : Math.max(1, load.requests * requests)
  }

  return {
    high,
    low: {
      requests: Math.max(1, high.requests * OVER),
      sendDelay: high.sendDelay * OVER,
      loopDelay: high.loopDelay * OVER
    }
  }
}

/** A client that can go and ask elsewhere, and check what it gets. */
function isNode({ headers }: IncomingMessage): boolean {
  return headers['list-mirrors'] === '?1'
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** As a browser gets there: it cannot judge the certificates of nodes. */
function plain(mirror: ListedMirror): ListedMirror {
  const withoutTls = mirror.uris.find(uri => uri.startsWith('http:'))

  return withoutTls === undefined ? mirror : { ...mirror, uris: [withoutTls] }
}
