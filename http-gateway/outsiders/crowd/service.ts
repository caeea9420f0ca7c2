import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ListedMirror } from '../../../overlay/agreements/index.ts'
import { isLoopback } from '../../hosts/loopback.ts'
import { sendProblem } from '../../pages/server.ts'
import { LoopDelay } from '../loop-delay/service.ts'
import { crowded } from '../problems.ts'
import { chooseMirror, placeOf } from './choose-mirror.ts'
import { CrowdRule, type Load } from './crowd-rule.ts'

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

// A piece that waits so long belongs to a connection that gets 32 KiB a second; from 160 KiB on, nobody is in need. In ms.
const HIGH_SEND_DELAY = 500
const LOW_SEND_DELAY = 100

// What a person begins to notice, and what a busy moment is, in ms.
const HIGH_LOOP_DELAY = 250
const LOW_LOOP_DELAY = 50

// With fewer requests, somebody else on this machine has brought the delay.
const MANY_REQUESTS = 64

// A crowd that is below half of what makes one is over.
const LOW_SHARE = 0.5

// Those who are to come again shall not all come at once, in ms.
const LEAST_WAIT = 5000
const WAIT_SPREAD = 10_000

// Mirrors that a page names.
const MAX_NAMED = 16

const NODE_PATH = '/.well-known/'

/** Sends away those who come when there are too many: nodes to a mirror, others until later. */
export class Crowd {
  readonly #options: CrowdOptions
  readonly #rule: CrowdRule
  readonly #loop = new LoopDelay()

  constructor(options: CrowdOptions) {
    const requests = options.requests === 0 ? Number.POSITIVE_INFINITY : options.requests

    this.#options = options
    this.#rule = new CrowdRule({
      high: { requests, sendDelay: HIGH_SEND_DELAY, loopDelay: HIGH_LOOP_DELAY },
      low: {
        requests: Math.max(1, requests * LOW_SHARE),
        sendDelay: LOW_SEND_DELAY,
        loopDelay: LOW_LOOP_DELAY
      }
    })
  }

  /** Answers a request for a document of the own site where there is a crowd; false where it can be answered as usual. */
  sendsAway(
    request: IncomingMessage,
    response: ServerResponse,
    { path, client }: Asked,
    load: Omit<Load, 'loopDelay'>
  ): boolean {
    const loopDelay = load.requests < MANY_REQUESTS ? 0 : this.#loop.milliseconds
    const isCrowded = this.#rule.isCrowded({ ...load, loopDelay }, performance.now())

    // What nodes have to know of each other is small, and tells them where else the rest is.
    if (!isCrowded || !isRead(request) || path.startsWith(NODE_PATH)) return false

    const elsewhere = isNode(request) ? this.#elsewhere(request, { path, client }) : undefined

    if (elsewhere === undefined) {
      this.#refuse(request, response, path)
    } else {
      this.#lead(response, elsewhere, path)
    }

    return true
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
