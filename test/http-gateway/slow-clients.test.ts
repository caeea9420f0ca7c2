import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import type { Gateway } from '../../http-gateway/index.ts'
import { ask } from './client.ts'
import { newGateway, newIdentities, temporaryDirectory } from './fixture.ts'

const { own } = await newIdentities('own')

const TOKEN = 'correct-horse-battery-staple'

// More than the kernel keeps for both ends of a connection.
const LARGE = 1 << 30

// Between two signs of life of a client that is slow, in ms.
const TRICKLE = 20

// Between two reads of one that reads slowly, in ms.
const REST = 2

// On a busy machine a process may stand still for a second: only what a test is about is short.
const LONG = 20_000
const SHORT = 300

const LIMITS = {
  headersTimeout: LONG,
  requestTimeout: LONG,
  keepAliveTimeout: LONG,
  idleTimeout: LONG,
  minSendRate: 1
}

async function newSite(t: ExecutionContext, limits: object = {}): Promise<Gateway> {
  const folder = await temporaryDirectory(t)
  const gateway = await newGateway(t, own, {
    ownerToken: TOKEN,
    limits: { ...LIMITS, ...limits }
  })

  for (const [name, size] of [
    ['index.html', 1024],
    ['large.bin', LARGE]
  ] as const) {
    const file = await open(join(folder, name), 'w')

    // Without blocks on the disk.
    await file.truncate(size)
    await file.close()
  }
  await gateway.listen()
  await gateway.publish(folder)

  return gateway
}

/** A client that reads what comes, unless it is told otherwise. */
async function newClient(t: ExecutionContext, gateway: Gateway, port?: number): Promise<Socket> {
  const socket = connect(port ?? gateway.httpPort, '127.0.0.1')

  t.teardown(() => socket.destroy())
  socket.on('error', () => undefined)
  await once(socket, 'connect')

  return socket
}

/** Sends pieces at a slow pace until the connection ends. */
function trickle(t: ExecutionContext, socket: Socket, piece: string): void {
  const timer = setInterval(() => {
    if (socket.writable) socket.write(piece)
  }, TRICKLE)

  t.teardown(() => clearInterval(timer))
  socket.once('close', () => clearInterval(timer))
}

/** However it ended. */
async function gone(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    socket.once('close', () => resolve())
  })
}

async function allOf(socket: Socket): Promise<string> {
  let text = ''

  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  await gone(socket)

  return text
}

async function isServed(t: ExecutionContext, gateway: Gateway): Promise<void> {
  t.is((await ask(gateway.http[0], '/')).status, 200, 'others are served')
}

test('a connection that sends nothing is told so and ends (RFC 9110 section 15.5.9)', async t => {
  const gateway = await newSite(t, { headersTimeout: SHORT })

  t.regex(await allOf(await newClient(t, gateway)), /^HTTP\/1\.1 408 /)
  await isServed(t, gateway)
})

test('a head that trickles in ends in 408, however busy its connection is', async t => {
  const gateway = await newSite(t, { headersTimeout: SHORT })
  const socket = await newClient(t, gateway)

  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
  trickle(t, socket, 'X-A: b\r\n')

  t.regex(await allOf(socket), /^HTTP\/1\.1 408 [^]*Connection: close\r\n/)
})

test('so does the second head on a connection', async t => {
  const gateway = await newSite(t, { headersTimeout: 2000 })
  const socket = await newClient(t, gateway)

  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'data')
  socket.write('GET / HTTP/1.1\r\n')
  trickle(t, socket, 'X-A: b\r\n')

  t.regex(await allOf(socket), /HTTP\/1\.1 408 /)
})

test('a body that trickles in ends in 408, and the document is not changed', async t => {
  const gateway = await newSite(t, { headersTimeout: 2000, requestTimeout: 2000 })
  const socket = await newClient(t, gateway)

  socket.write(
    `PUT /index.html HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 1000000\r\n\r\n`
  )
  trickle(t, socket, 'x')

  t.regex(await allOf(socket), /^HTTP\/1\.1 408 /)
  t.is((await ask(gateway.http[0], '/')).headers['content-length'], '1024')
})

test('a body that stops coming ends its connection', async t => {
  const gateway = await newSite(t, { idleTimeout: SHORT })
  const socket = await newClient(t, gateway)

  socket.write(
    `PUT /index.html HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 1000000\r\n\r\nx`
  )

  t.regex(await allOf(socket), /^(?:HTTP\/1\.1 408 [^]*)?$/)
})

test('a connection that asks for nothing more is closed', async t => {
  const gateway = await newSite(t, { keepAliveTimeout: SHORT })
  const socket = await newClient(t, gateway)

  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')

  t.regex(await allOf(socket), /^HTTP\/1\.1 200 /)
})

test('a client that reads nothing of its answer loses the connection', async t => {
  const gateway = await newSite(t, { idleTimeout: SHORT })
  const socket = await newClient(t, gateway)

  socket.pause()
  socket.write('GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n')
  // Bytes that nobody takes any more are answered with a reset, which is seen without reading.
  trickle(t, socket, 'x')
  await gone(socket)
  await isServed(t, gateway)
})

for (const scheme of ['http', 'https']) {
  test(`a client that reads too slowly loses the connection (${scheme})`, async t => {
    // What is too slow: what no client reads that rests between two reads.
    const gateway = await newSite(t, { idleTimeout: SHORT, minSendRate: 1 << 30 })
    const socket =
      scheme === 'http'
        ? await newClient(t, gateway)
        : connectTls({ port: gateway.httpsPort, host: '127.0.0.1', rejectUnauthorized: false })
    let received = 0

    t.teardown(() => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length
      socket.pause()
      setTimeout(() => socket.resume(), REST)
    })
    socket.write('GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'close')

    t.true(received < LARGE)
    await isServed(t, gateway)
  })
}

test('a TLS handshake that is never begun, or never finished, ends', async t => {
  const gateway = await newSite(t, { headersTimeout: SHORT })
  const silent = await newClient(t, gateway, gateway.httpsPort)
  const halfway = await newClient(t, gateway, gateway.httpsPort)

  // The header of a record with a ClientHello that announces 512 bytes.
  halfway.write(Buffer.from('160301020001', 'hex'))
  trickle(t, halfway, '\0')

  await Promise.all([allOf(silent), allOf(halfway)])
  await isServed(t, gateway)
})

test('requests that pile up in pipelines beyond the bound cost their connection', async t => {
  const gateway = await newSite(t, { maxPipelined: 100 })
  const socket = await newClient(t, gateway)

  socket.write('GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1000))
  await allOf(socket)

  // What waited no longer counts.
  const next = await newClient(t, gateway)

  next.write('GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(99))
  next.write('GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')

  t.is((await allOf(next)).split('HTTP/1.1 404 ').length - 1, 100)
})
