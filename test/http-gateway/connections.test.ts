import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import { newIdentities, newPublisher } from './fixture.ts'

const { own } = await newIdentities('own')

const CONNECTIONS = 300
const REQUEST = 'GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** A connection that stays; it fails where the server ends it. */
async function newConnection(t: ExecutionContext, port: number, isTls: boolean): Promise<Socket> {
  const options = { host: '127.0.0.1', port }
  const socket = isTls ? connectTls({ ...options, rejectUnauthorized: false }) : connect(options)

  t.teardown(() => socket.destroy())
  await once(socket, isTls ? 'secureConnect' : 'connect')

  return socket.setEncoding('latin1')
}

async function askOn(socket: Socket): Promise<string> {
  socket.write(REQUEST)

  const [answer]: unknown[] = await once(socket, 'data')

  return String(answer)
}

for (const scheme of ['http', 'https']) {
  test(`${CONNECTIONS} connections at once are all kept and answered, again and again (${scheme})`, async t => {
    const gateway = await newPublisher(t, own, { 'index.html': 'hello' })
    const isTls = scheme === 'https'
    const port = isTls ? gateway.httpsPort : gateway.httpPort
    const connections = await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => newConnection(t, port, isTls))
    )

    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(connections.map(askOn))

      t.is(answers.filter(answer => /^HTTP\/1\.1 200 .*hello$/s.test(answer)).length, CONNECTIONS)
    }

    t.false(connections.some(socket => socket.closed))
  })

  test(`connections beyond the bound of a listener are refused, and those before it are not (${scheme})`, async t => {
    const gateway = await newPublisher(
      t,
      own,
      { 'index.html': 'hello' },
      { limits: { maxConnections: 2 } }
    )
    const isTls = scheme === 'https'
    const port = isTls ? gateway.httpsPort : gateway.httpPort
    const first = await newConnection(t, port, isTls)
    const second = await newConnection(t, port, isTls)
    const third = connect(port, '127.0.0.1')

    t.teardown(() => third.destroy())
    third.on('error', () => undefined)
    await once(third, 'close')

    t.regex(await askOn(first), / 200 /)
    t.regex(await askOn(second), / 200 /)

    first.destroy()
    second.destroy()
  })
}
