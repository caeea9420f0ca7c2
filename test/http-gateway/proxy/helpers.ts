import { once } from 'node:events'
import * as http from 'node:http'
import * as net from 'node:net'
import type { ExecutionContext } from 'ava'

type Teardown = Pick<ExecutionContext, 'teardown'>

/** A server that says what a test wants, byte by byte; its port. */
export async function rawOrigin(
  t: Teardown,
  answer: (socket: net.Socket, request: string) => void
): Promise<number> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, socket => {
    let text = ''

    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', chunk => {
      text += chunk.toString('latin1')

      if (text.includes('\r\n\r\n')) {
        const request = text

        text = ''
        answer(socket, request)
      }
    })
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    for (const socket of sockets) {
      socket.destroy()
    }

    server.close()
    await once(server, 'close')
  })

  return portOf(server)
}

export async function httpOrigin(t: Teardown, handler: http.RequestListener): Promise<number> {
  const server = http.createServer(handler)

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })

  return portOf(server)
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly trailers: NodeJS.Dict<string>
  readonly interim: readonly http.InformationEvent[]
  readonly body: Buffer
  /** The answer came to its end. */
  readonly isWhole: boolean
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: string
  readonly agent?: http.Agent
}

/** One request to a port of this machine; `target` stands in the request line as it is. */
export async function ask(port: number, target: string, options: AskOptions = {}): Promise<Answer> {
  const { body, ...rest } = options
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const interim: http.InformationEvent[] = []
  const request = http.request({ host: '127.0.0.1', port, path: target, ...rest }, response => {
    const chunks: Buffer[] = []
    const finish = (isWhole: boolean): void => {
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        trailers: response.trailers,
        interim,
        body: Buffer.concat(chunks),
        isWhole
      })
    }

    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.once('end', () => finish(true))
    response.once('error', () => finish(false))
  })

  request.on('information', event => interim.push(event))
  request.once('error', reject)
  request.end(body)

  return promise
}

function portOf(server: net.Server): number {
  const address = server.address()

  if (address === null || typeof address === 'string') {
    throw new TypeError('the server does not listen on a port')
  }

  return address.port
}
