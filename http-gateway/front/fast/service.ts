import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Details } from '../../events/messages.ts'
import type { Events } from '../../events/service.ts'
import { clientOf } from '../../events/transport.ts'
import { decide } from '../../hosts/decision.ts'
import type { HostTable, Target } from '../../hosts/host-table.ts'
import { isLoopback } from '../../hosts/loopback.ts'
import {
  Connection,
  type ConnectionOptions,
  type FastAnswer,
  type OnAnswered,
  type OnSent,
  type Parse
} from './connection/service.ts'
import { fieldOf, PlainReader, type PlainFields, type PlainRequest } from './request.ts'

export interface FastPathOptions {
  readonly hosts: HostTable
  readonly maxTargetLength: number
  /** For a client that does not read its answers, in ms. */
  readonly idleTimeout: number
  readonly events: Events
  /** Each request on this connection has to go through the parser. */
  readonly mustParse?: ((connection: Duplex) => boolean) | undefined
  /** The whole answer to a request for this node's own site; undefined where there is none at hand. */
  readonly answer: (request: PlainRequest, isTls: boolean) => FastAnswer | undefined
  /** The same for a path at another node's name. */
  readonly answerOther?:
    | ((target: Target, path: string, method: PlainRequest['method']) => FastAnswer | undefined)
    | undefined
  /** Other nodes' sites are for clients of other machines, too. */
  readonly publicGateway: boolean
}

/** What is told of the fields of a request. */
type Told = Pick<Details['request'], 'host' | 'from' | 'referer' | 'userAgent'>

/**
 * Answers plain requests for what is in memory from the socket, in front of Node’s parser, which costs as much as all the rest together. The
 * first request of a connection goes through the parser, and so do all that are not plain, with everything that Node does for them; between
 * them, when nothing is half read and nothing half answered, the bytes are looked at here first.
 */
export class FastPath {
  readonly #options: FastPathOptions
  readonly #forConnections: ConnectionOptions
  readonly #connections = new WeakMap<Duplex, Connection>()
  readonly #told = new WeakMap<PlainFields, Told>()

  constructor(options: FastPathOptions) {
    const { events, idleTimeout } = options
    const tell: OnAnswered = (...answered) => this.#tell(...answered)
    const count: OnSent = ({ method }, { contentLength: bytes }, milliseconds) => {
      events.tell('answer', { ...SENT, method, bytes, milliseconds })
    }

    this.#options = options
    this.#forConnections = {
      reader: new PlainReader(),
      answer: (request, socket) => this.#answer(request, socket),
      observer: () => (events.wants('request') ? tell : undefined),
      counter: () => (events.wants('answer') ? count : undefined),
      idleTimeout
    }
  }

  /** Stands in front of the parser that a server has just given to a connection. */
  attach(socket: Duplex): void {
    const [parse, ...others]: unknown[] = socket.listeners('data')

    // A stream of libp2p has no timeouts that would hold here.
    if (isListener(parse) && others.length === 0 && socket instanceof Socket) {
      this.#connections.set(socket, new Connection(socket, parse, this.#forConnections))
    }
  }

  /** To be told of every request that the parser reads. */
  note({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#connections.get(socket)?.note(response)
  }

  #answer(request: PlainRequest, socket: Socket): FastAnswer | undefined {
    const { hosts, maxTargetLength, mustParse, publicGateway, answer, answerOther } = this.#options
    const { target } = request

    if (target.length > maxTargetLength || mustParse?.(socket) === true) {
      return undefined
    }

    const { host } = request.fields
    const question = { ...PLAIN, publicGateway, isLocal: isLoopback(socket.remoteAddress) }
    const decision = decide({ ...question, host, path: target }, hosts)

    if (decision.kind === 'own') {
      return decision.path === target ? answer(request, 'encrypted' in socket) : undefined
    }

    // A node that is named by the path may have to be shown under a name of its own.
    return decision.kind === 'node' && decision.form === 'label'
      ? answerOther?.(decision.target, target, request.method)
      : undefined
  }

  #tell(
    socket: Socket,
    { method, target, fields }: PlainRequest,
    { contentLength }: FastAnswer,
    begun: number,
    isWhole: boolean
  ): void {
    const milliseconds = performance.now() - begun

    const { events } = this.#options
    const at = Date.now() - milliseconds
    const answer = { ...SENT, method, bytes: contentLength, milliseconds, isWhole }

    events.tell('answer', answer, at)
    events.tell(
      'request',
      { ...answer, ...clientOf(socket), target, version: '1.1', ...this.#toldOf(fields) },
      at
    )
  }

  /** The requests of one client have the same fields, most of them, and the reader knows them again. */
  #toldOf(fields: PlainFields): Told {
    const known = this.#told.get(fields)

    if (known !== undefined) {
      return known
    }

    const told = {
      host: fields.host,
      from: fieldOf(fields, 'from'),
      referer: fieldOf(fields, 'referer'),
      userAgent: fieldOf(fields, 'user-agent')
    }

    this.#told.set(fields, told)

    return told
  }
}

function isListener(value: unknown): value is Parse {
  return typeof value === 'function'
}

const SENT = { status: 200, isWhole: true, server: 'memory' } as const

/** Plain requests name no proxy, so that whoever connects from this machine asks for itself. */
const PLAIN = { scheme: 'http', canMoveToSubdomain: () => false } as const
