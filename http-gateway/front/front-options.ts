import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import type { Events } from '../events/service.ts'
import type { NamedRequest } from '../hosts/named-request.ts'
import type { FastPathOptions } from './fast/service.ts'
import type { Rules, Verdict } from './judge.ts'
import type { WebServer } from './server.ts'

export type NodeVerdict = Extract<Verdict, { kind: 'node' }>
export type MirrorVerdict = Extract<Verdict, { kind: 'mirror' }>
export type WebVerdict = Extract<Verdict, { kind: 'web' }>

export interface FrontOptions {
  readonly rules: Rules
  /** Requests that may wait for the answers before them, over all connections. */
  readonly maxPipelined: number
  readonly logger: FastifyBaseLogger
  readonly events: Events
  /** The Server field. */
  readonly name: string
  readonly isLocal: (request: IncomingMessage) => boolean
  /** Whether it is told of requests on this connection here. */
  readonly isObserved: (connection: Duplex) => boolean
  readonly serverFor: (handler: (req: IncomingMessage, res: ServerResponse) => void) => WebServer
  /** Counts a request, and answers it where it must not come now, with true. */
  readonly refuses?: (
    request: IncomingMessage,
    response: ServerResponse,
    verdict: Verdict
  ) => boolean
  /** Answers from memory; false where it cannot. */
  readonly serveHot: (request: IncomingMessage, response: ServerResponse, path: string) => boolean
  /** Fetches from the web. */
  readonly fetchFromWeb: (
    request: IncomingMessage,
    response: ServerResponse,
    verdict: WebVerdict
  ) => void
  /** Answers for another server that this node stands before; false where there is none for the document. */
  readonly serveProxied: (
    request: IncomingMessage,
    response: ServerResponse,
    path: string
  ) => boolean
  /** Nothing is answered in front of the parser on this connection. */
  readonly mustParse?: FastPathOptions['mustParse']
  /** What the Will-Mirror field of a request is answered with. */
  readonly considerOffer?: ((field: string) => Promise<string>) | undefined
  /** The whole answer to a plain request, where it is in memory. */
  readonly answerHot: FastPathOptions['answer']
  /** The same for another node's site. */
  readonly answerHotOfOther?: FastPathOptions['answerOther']
  /** For a client that does not read its answers, in ms. */
  readonly idleTimeout: number
  /** Sends the client on to whom a name means. */
  readonly openName: (
    request: IncomingMessage,
    response: ServerResponse,
    asked: NamedRequest
  ) => void
  /** Answers out of the copy of a site that is mirrored here. */
  readonly serveMirrored?: (
    request: IncomingMessage,
    response: ServerResponse,
    verdict: MirrorVerdict
  ) => void
  /** Fetches from another node. */
  readonly forward: (
    request: IncomingMessage,
    response: ServerResponse,
    verdict: NodeVerdict
  ) => void
}
