/** What a gateway of plain Node would be, to compare with: pipes from the origin in its argument, prints its port. */
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'

const [origin = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })
const server = createServer((incoming, response) => forward(incoming, response))

server.listen(0, '127.0.0.1', () => {
  const address = server.address()

  console.log(typeof address === 'object' ? address?.port : address)
})

function forward(incoming: IncomingMessage, response: ServerResponse): void {
  const { host: _host, ...headers } = incoming.headers

  request(origin + incoming.url, { agent, headers }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  }).end()
}
