import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { ask, converse } from './client.ts'
import { newIdentities, newPublisher } from './fixture.ts'

const { own } = await newIdentities('own')

// What is sent, the status, and a field that the answer must have. Sections are of RFC 9110 (S) and RFC 9112 (M).
const CASES: [string, string, number, RegExp?][] = [
  ['M 3.2: no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['M 3.2: two Hosts', 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n', 400],
  ['M 3.2: a Host that is none', 'GET / HTTP/1.1\r\nHost: a/b@c\r\n\r\n', 400],
  ['S 7.4: a foreign Host', 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n', 421],
  [
    'M 3.2.2: a foreign absolute target',
    'GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
    421
  ],
  ['M 3.2: a target that is no path', 'GET x HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
  ['M 3.2.4: an asterisk for GET', 'GET * HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
  [
    'S 4.1: a target over 8 KiB',
    `GET /${'x'.repeat(9000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    414
  ],
  [
    'S 5.4: fields over 32 KiB',
    `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
    431
  ],
  ['S 9.1: an unknown method', 'FROB / HTTP/1.1\r\nHost: localhost\r\n\r\n', 501],
  ['S 9.1: a method of another protocol', 'MKCOL / HTTP/1.1\r\nHost: localhost\r\n\r\n', 501],
  [
    'S 15.5.6: a method that is not allowed',
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n',
    405,
    /^allow: GET, HEAD, OPTIONS, PUT, DELETE\r?$/im
  ],
  [
    'S 9.3.6: CONNECT',
    'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n',
    405,
    /^allow: /im
  ],
  ['S 9.3.8: TRACE', 'TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n', 405, /^allow: /im],
  ['M 2.3: HTTP/2.0 in the request line', 'GET / HTTP/2.0\r\nHost: localhost\r\n\r\n', 505],
  ['M 5: a space before the colon', 'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n', 400],
  [
    'M 6.3: a length that is no number',
    'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n',
    400
  ],
  ['rubbish', 'rubbish\r\n\r\n', 400],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['no document', 'GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n', 404],
  ['a malformed path', 'GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
  ['a path out of the folder', 'GET /../x HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
  [
    'a range behind the end',
    'GET / HTTP/1.1\r\nHost: localhost\r\nRange: bytes=100-\r\n\r\n',
    416,
    /^content-range: bytes \*\/5\r?$/im
  ],
  ['a precondition that fails', 'GET / HTTP/1.1\r\nHost: localhost\r\nIf-Match: "x"\r\n\r\n', 412],
  [
    'a document that nobody has',
    'GET /7f1c2a40-f0a8-11d4-8f00-00c04fd430c8/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
    404
  ]
]

for (const [name, request, status, field] of CASES) {
  test(`${name}: ${status} with Date, Server and more than 512 bytes (A5, A7)`, async t => {
    const gateway = await newPublisher(t, own, { 'index.html': 'hello' })
    const answer = await converse(
      gateway.http[0],
      request.replace(/\r\n\r\n$/, '\r\nConnection: close\r\n\r\n')
    )
    const [head = '', body = ''] = answer.split(/\r\n\r\n(.*)/s)

    t.is(head.split(' ', 2)[1], String(status), head)
    t.regex(head, /^date: \w{3}, \d\d /im)
    t.regex(head, /^server: .*\[Plexnet\]/im)
    t.regex(head, /^content-type: application\/problem\+json/im)
    t.true(Buffer.byteLength(body, 'latin1') > 512, body)

    if (field !== undefined) {
      t.regex(head, field)
    }
  })
}

test('OPTIONS tells what is allowed, for a path and for the server', async t => {
  const gateway = await newPublisher(t, own, {})

  for (const target of ['/', '*']) {
    const answer = await converse(
      gateway.http[0],
      `OPTIONS ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
    )

    t.regex(answer, /^HTTP\/1\.1 204 /)
    t.regex(answer, /^Allow: GET, HEAD, OPTIONS, PUT, POST, DELETE\r$/m)
    t.regex(answer, /^Server: .*\[Plexnet\]\r$/m)
  }
})

test('the authority of an absolute target stands for the Host (RFC 9112 section 3.2.2)', async t => {
  const gateway = await newPublisher(t, own, { 'index.html': 'hello' })
  const answer = await converse(
    gateway.http[0],
    'GET http://localhost:8010 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'
  )

  t.regex(answer, /^HTTP\/1\.1 200 /)
})

test('HTTP/1.0 without a Host is answered and closed', async t => {
  const gateway = await newPublisher(t, own, { 'index.html': 'hello' })
  const answer = await converse(gateway.http[0], 'GET / HTTP/1.0\r\n\r\n')

  t.regex(answer, /^HTTP\/1\.1 200 .*hello$/s)
})

test('a client that half-closes after its request gets the answer', async t => {
  const gateway = await newPublisher(t, own, { 'index.html': 'hello' })
  const socket = connect(gateway.httpPort, '127.0.0.1')

  socket.end('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  t.regex((await buffer(socket)).toString(), /^HTTP\/1\.1 200 .*hello$/s)
})

test('bytes after a request that closes the connection do not lose its answer', async t => {
  const gateway = await newPublisher(t, own, { 'index.html': 'hello' })
  const answer = await converse(
    gateway.http[0],
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\nrubbish'
  )

  t.regex(answer, /^HTTP\/1\.1 200 .*hello$/s)
})

test('headers that never end are answered 408 within the bound', async t => {
  const gateway = await newPublisher(t, own, {}, { limits: { headersTimeout: 200 } })
  const answer = await converse(gateway.http[0], 'GET / HTTP/1.1\r\nHost: local')

  t.regex(answer, /^HTTP\/1\.1 408 /)
  t.regex(answer, /\[Plexnet\]/)
})

test('a browser that opens a page at the path form is sent to the subdomain', async t => {
  const gateway = await newPublisher(t, own, {})
  const uuid = '7f1c2a40-f0a8-11d4-8f00-00c04fd430c8'
  const { status, headers } = await ask(gateway.http[0], `/${uuid}/a?b=c`, {
    headers: { accept: 'text/html' }
  })

  t.is(status, 307)
  t.is(headers.location, `http://${uuid}.localhost:${gateway.httpPort}/a?b=c`)
})

test('the next request is answered on a connection that had an error', async t => {
  const gateway = await newPublisher(t, own, { 'index.html': 'hello' })
  const socket = connect(gateway.httpPort, '127.0.0.1')

  socket.write(
    'GET /none HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
  )
  t.regex((await buffer(socket)).toString(), /404 .*HTTP\/1\.1 200 .*hello$/s)
  await once(socket, 'close')
})

test.serial(
  'a client that still sends is heard after a moment in which the node was too busy',
  async t => {
    const gateway = await newPublisher(t, own, {})
    const socket = connect({ port: gateway.httpPort, host: '127.0.0.1', allowHalfOpen: true })
    const piece = 'x'.repeat(1000)
    const errors: Error[] = []

    t.teardown(() => socket.destroy())
    socket.on('error', error => errors.push(error))
    socket.write(
      `PATCH / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3000\r\n\r\n${piece}`
    )
    t.regex((await buffer(socket)).toString(), /^HTTP\/1\.1 405 /)
    socket.write(piece)
    // Longer than a client may pause.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
    // Were the connection gone, the first of these would be told so, and the second would fail.
    for (let turn = 0; turn < 20; turn++) await setImmediate()
    await writeTo(socket, piece.slice(1))
    for (let turn = 0; turn < 20; turn++) await setImmediate()
    await writeTo(socket, 'x')
    t.deepEqual(errors, [])
  }
)

test('a client that sends all of a refused content before it reads gets the answer (RFC 9112 section 9.6)', async t => {
  const gateway = await newPublisher(t, own, {})

  for (const method of ['PATCH', 'PUT']) {
    const socket = connect(gateway.httpPort, '127.0.0.1')

    await once(socket, 'connect')
    socket.pause()

    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.write(
        `${method} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 20000000\r\n\r\n${'x'.repeat(20_000_000)}`,
        () => resolve()
      )
    })

    t.regex((await buffer(socket)).toString(), /^HTTP\/1\.1 40[15] /)
  }
})

async function writeTo(socket: Socket, text: string): Promise<void> {
  await new Promise<void>(resolve => {
    socket.write(text, () => resolve())
  })
}
