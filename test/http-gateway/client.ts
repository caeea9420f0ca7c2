import { once } from 'node:events'
import { request as plainRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface AskOptions {
  readonly method?: string
  readonly host?: string
  readonly headers?: Record<string, string>
  readonly content?: Buffer
}

/** One request over a connection of its own, its answer read to the end. */
export async function ask(
  origin: string | undefined,
  path: string,
  options: AskOptions = {}
): Promise<Answer> {
  const response = await begin(origin, path, options)

  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await buffer(response)
  }
}

/** As `ask`, with the body not read yet. */
export async function begin(
  origin: string | undefined,
  path: string,
  { method = 'GET', host, headers = {}, content }: AskOptions = {}
): Promise<IncomingMessage> {
  const url = new URL(origin ?? '')
  const request = (url.protocol === 'https:' ? tlsRequest : plainRequest)({
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port,
    path,
    method,
    agent: false,
    rejectUnauthorized: false,
    headers: { ...(host === undefined ? {} : { host }), ...headers }
  })

  request.end(content)

  const [response] = (await once(request, 'response')) as [IncomingMessage]

  return response
}

/** Everything that a server says to these bytes until it closes the connection. */
export async function converse(origin: string | undefined, bytes: string): Promise<string> {
  const url = new URL(origin ?? '')
  const socket = connect({
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port),
    allowHalfOpen: true
  })

  socket.write(bytes, 'latin1')

  const answer = await buffer(socket)

  socket.end()

  return answer.toString('latin1')
}
