import { once } from 'node:events'
import { connect, type SecureVersion } from 'node:tls'
import test from 'ava'
import { newIdentities, newPublisher } from './fixture.ts'

const { own, other } = await newIdentities('own', 'other')

interface Handshake {
  readonly isResumed: boolean
  /** To be shown at the next handshake. */
  readonly session: Buffer
  readonly answer: string
}

async function shakeHands(
  port: number,
  version: SecureVersion,
  session?: Buffer
): Promise<Handshake> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    minVersion: version,
    maxVersion: version,
    rejectUnauthorized: false,
    ...(session === undefined ? {} : { session })
  })
  // TLS 1.3 sends the ticket after the handshake.
  const ticket = once(socket, 'session') as Promise<[Buffer]>

  try {
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')

    const [answer] = (await once(socket, 'data')) as [Buffer]
    const isResumed = socket.isSessionReused()
    // TLS 1.2 may let the client keep the ticket that it has.
    const next = isResumed && session !== undefined ? session : (await ticket)[0]

    return { isResumed, session: next, answer: answer.toString('latin1') }
  } finally {
    ticket.catch(() => undefined)
    socket.destroy()
  }
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`a session of ${version} is resumed, also when the certificate has been renewed since`, async t => {
    const gateway = await newPublisher(t, own, { 'index.html': 'hello' })
    const first = await shakeHands(gateway.httpsPort, version)

    t.false(first.isResumed)
    t.regex(first.answer, /^HTTP\/1\.1 200 OK\r\n/)

    const second = await shakeHands(gateway.httpsPort, version, first.session)

    t.true(second.isResumed)
    t.regex(second.answer, /^HTTP\/1\.1 200 OK\r\n/)
    await gateway.renew(other.tls)
    t.true((await shakeHands(gateway.httpsPort, version, second.session)).isResumed)

    const fresh = await shakeHands(gateway.httpsPort, version)

    t.false(fresh.isResumed)
    t.true((await shakeHands(gateway.httpsPort, version, fresh.session)).isResumed)
  })
}
