/**
 * What a gateway of plain Node would be, to compare with: `origin FOLDER` serves files, `proxy URL` pipes from it.
 * Prints its port when it listens.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'

const [role, argument = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })
const handle = role === 'origin' ? serveFile : forward
const server = createServer((incoming, response) => void handle(incoming, response))

server.listen(0, '127.0.0.1', () => {
  const address = server.address()

  console.log(typeof address === 'object' ? address?.port : address)
})

async function serveFile(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = join(argument, incoming.url ?? '/')
  const { size } = await stat(path)

  response.writeHead(200, { 'content-length': size })
  createReadStream(path, { highWaterMark: 1 << 20 }).pipe(response)
}

async function forward(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>()

  request(argument + incoming.url, { agent, headers: { ...incoming.headers } }, resolve).end()

  const answer = await promise

  response.writeHead(answer.statusCode ?? 502, answer.headers)
  answer.pipe(response)
}
