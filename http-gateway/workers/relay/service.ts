import { Agent, request as ask } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, type Duplex } from 'node:stream'
import { readOver } from '../../front/lingering/service.ts'
import { askForContent } from '../../front/server.ts'
import { clientOf } from '../../events/transport.ts'
import { callerOn } from '../../callers/service.ts'
import { certificateOf } from '../../owner/client-certificate/service.ts'
import { formatClient } from './client.ts'
import { fieldLines, fieldsToClient, fieldsToMain } from './fields.ts'

// Connections to the main process that are kept; the main process never ends one by itself.
const KEPT = 64
const KEPT_FOR = 30_000

/** Requests that the main process is asked at a time; more wait their turn. */
const MAX_AT_A_TIME = 4096

/** Hands requests on to the main process, and its answers back. */
export class Relay {
  readonly #socketPath: string
  readonly #agent = new Agent({
    keepAlive: true,
    timeout: KEPT_FOR,
    maxSockets: MAX_AT_A_TIME,
    maxFreeSockets: KEPT
  })

  /** @param socketPath where the main process takes requests */
  constructor(socketPath: string) {
    this.#socketPath = socketPath
  }

  forward(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url: path = '/', rawHeaders, httpVersionMinor } = request
    const onward = ask({
      agent: this.#agent,
      socketPath: this.#socketPath,
      method,
      path,
      headers: fieldsToMain(
        { method, minorVersion: httpVersionMinor, rawHeaders },
        formatClient(clientIn(request))
      )
    })

    onward.on('continue', () => askForContent(request, response))
    onward.on('response', answer => giveBack(answer, request, response))
    onward.on('error', () => {
      // An answer may come before all of the content is taken, and is whole for that.
      if (!response.headersSent) response.destroy()
    })
    // The main process reads no more, or the client has gone.
    response.once('close', () => onward.destroy())

    if (hasContent(request)) {
      request.pipe(onward)
      onward.flushHeaders()
    } else {
      onward.end()
    }
  }

  /** A tunnel, or the answer in its place, byte for byte. */
  connect(request: IncomingMessage, client: Duplex, head: Buffer): void {
    const { url: path = '', rawHeaders, httpVersionMinor } = request
    const method = 'CONNECT'
    const onward = ask({
      agent: false,
      socketPath: this.#socketPath,
      method,
      path,
      headers: fieldsToMain(
        { method, minorVersion: httpVersionMinor, rawHeaders },
        formatClient(clientIn(request))
      )
    })

    onward.once('connect', (answer, tunnel: Duplex, first) => {
      client.write(headOf(answer))
      client.write(first)
      tunnel.write(head)
      // Each end closes the other, however it ends.
      pipeline(client, tunnel, client, () => undefined)
    })
    onward.once('error', () => client.destroy())
    client.once('close', () => onward.destroy())
    onward.end()
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** As its framing announces (RFC 9112 section 6). */
function hasContent({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function giveBack(
  answer: IncomingMessage,
  request: IncomingMessage,
  response: ServerResponse
): void {
  const { statusCode = 502, statusMessage, rawHeaders } = answer

  if (!request.complete) {
    readOver(request)
  }

  response.writeHead(
    statusCode,
    statusMessage,
    fieldsToClient(rawHeaders, request.httpVersionMinor)
  )
  answer.on('data', (chunk: Buffer) => {
    if (!response.write(chunk)) {
      answer.pause()
    }
  })
  response.on('drain', () => answer.resume())
  answer.once('end', () => {
    response.addTrailers(answer.trailers)
    response.end()
  })
  // A short answer must not look whole.
  answer.once('error', () => response.destroy())
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const fields = fieldLines(rawHeaders)

  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${fields}\r\n`
}

function clientIn({ socket }: IncomingMessage): Parameters<typeof formatClient>[0] {
  return {
    address: clientOf(socket).remoteAddress,
    isTls: 'encrypted' in socket,
    certificate: certificateOf(socket),
    caller: callerOn(socket)
  }
}
