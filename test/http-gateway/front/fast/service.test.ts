import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect as connectPlain, type Socket } from 'node:net'
import { duplexPair, type Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import { get, head, lines, post } from '../../../conformance/request.ts'
import { Wire, type WireAnswer } from '../../../conformance/wire.ts'
import { newIdentities, newPublisher } from '../../fixture.ts'

const { own } = await newIdentities('own')

const FILES = { 'index.html': 'hello', 'page.html': 'a page '.repeat(200), 'x.txt': 'x' }

/** Targets of the requests that reach Node’s parser and hold a mark. */
function parsed(t: ExecutionContext, mark: string): string[] {
  const targets: string[] = []
  const note = (message: unknown): void => {
    const { url = '' } = (message as { request: IncomingMessage }).request

    if (url.includes(mark)) targets.push(url)
  }

  subscribe('http.server.request.start', note)
  t.teardown(() => unsubscribe('http.server.request.start', note))

  return targets
}

/** A connection on which a request was answered. */
async function inUse(t: ExecutionContext, to: number | Duplex): Promise<Wire> {
  const wire = new Wire(to)

  t.teardown(() => wire.destroy())
  wire.send(get('/'))
  t.is((await wire.answer(false))?.status, 200)

  return wire
}

/** Sends a request until the parser does not see it: on a machine that stood still for a second, the file has to be looked at first. */
async function untilFast(
  wire: Wire,
  request: string,
  targets: readonly string[]
): Promise<WireAnswer | undefined> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const before = targets.length

    wire.send(request)

    const answer = await wire.answer(request.startsWith('HEAD'))

    if (targets.length === before) return answer
  }

  return undefined
}

async function tlsTo(port: number): Promise<Duplex> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })

  await once(socket, 'secureConnect')

  return socket
}

test('a plain request on a connection in use is answered in front of the parser, over TLS too', async t => {
  const gateway = await newPublisher(t, own, FILES)
  const targets = parsed(t, 'plain')

  for (const to of [gateway.httpPort, await tlsTo(gateway.httpsPort)]) {
    const wire = await inUse(t, to)

    const got = await untilFast(wire, get('/?plain'), targets)
    const headed = await untilFast(wire, head('/?plain', 'User-Agent: x'), targets)
    const coded = await untilFast(wire, get('/?plain', 'Accept-Encoding: identity'), targets)

    t.is(got?.body.toString(), 'hello')
    t.deepEqual(headed?.fields.get('content-length'), ['5'])
    t.is(coded?.body.toString(), 'hello')
  }
})

test('the answer is that of the parser’s way but for the Date, with its fields in the same order', async t => {
  const gateway = await newPublisher(t, own, FILES)
  const targets = parsed(t, 'same')

  for (const request of [get('/?same'), head('/?same'), get('/page.html?same')]) {
    const wire = await inUse(t, gateway.httpPort)
    const fast = await untilFast(wire, request, targets)

    wire.send(request.replace('\r\n\r\n', '\r\nX-Unknown: x\r\n\r\n'))

    const parsedOne = await wire.answer(request.startsWith('HEAD'))

    t.is(fast?.status, 200)
    t.deepEqual(withoutDate(fast), withoutDate(parsedOne))
  }
})

function withoutDate(answer: WireAnswer | undefined): unknown {
  return { ...answer, fields: [...(answer?.fields ?? [])].filter(([name]) => name !== 'date') }
}

test('a coded variant that is in memory is answered there, too', async t => {
  const gateway = await newPublisher(t, own, FILES)
  const targets = parsed(t, 'coded')
  const wire = await inUse(t, gateway.httpPort)
  const answer = await untilFast(wire, get('/page.html?coded', 'Accept-Encoding: br'), targets)

  t.deepEqual(answer?.fields.get('content-encoding'), ['br'])
  t.true(targets.length > 0, 'the variant was made first')
})

const LEFT: [string, string, number][] = [
  ['a condition', get('/?MARK', 'If-None-Match: *'), 304],
  ['a range', get('/?MARK', 'Range: bytes=0-1'), 206],
  ['a digest', get('/?MARK', 'Want-Repr-Digest: sha-256=1'), 200],
  ['content', post('hello', 'Content-Length: 5').replace('/echo', '/echo?MARK'), 405],
  ['what is not in memory', get('/none?MARK'), 404],
  ['another host', lines('GET /?MARK HTTP/1.1', 'Host: evil.example'), 421],
  ['the address of a node in the path', get('/7f1c2a40-f0a8-11d4-8f00-00c04fd430c8/?MARK'), 404],
  ['a long target', get(`/?MARK${'x'.repeat(9000)}`), 414]
]

for (const [index, [name, pattern, status]] of LEFT.entries()) {
  test(`${name} is left to the parser, and the connection comes back`, async t => {
    const gateway = await newPublisher(t, own, FILES)
    const request = pattern.replace('MARK', `left-${index}.`)
    const targets = parsed(t, `left-${index}.`)
    const behind = parsed(t, `behind-${index}.`)
    const back = parsed(t, `back-${index}.`)
    const wire = await inUse(t, gateway.httpPort)

    wire.send(request)
    t.is((await wire.answer(false))?.status, status)
    t.is(targets.length, 1)
    // What is left in one piece with it belongs to the parser; what comes later does not.
    wire.send(get('/') + request + get(`/?behind-${index}.`))
    t.is((await wire.answer(false))?.status, 200)
    t.is((await wire.answer(false))?.status, status)
    t.is((await wire.answer(false))?.status, 200)
    t.is(targets.length, 2)
    t.is(behind.length, 1)
    t.is((await untilFast(wire, get(`/?back-${index}.`), back))?.status, 200)
  })
}

test('the beginning of a request is the parser’s, and so is its end', async t => {
  const gateway = await newPublisher(t, own, FILES)
  const targets = parsed(t, 'piece')
  const wire = await inUse(t, gateway.httpPort)

  wire.send(`${get('/?piece=1')}GET /?piece=2 HTTP/1.1\r\nHo`)
  t.is((await wire.answer(false))?.status, 200)
  wire.send(`st: localhost\r\n\r\n${get('/?piece=3')}`)
  t.is((await wire.answer(false))?.status, 200)
  t.is((await wire.answer(false))?.status, 200)
  t.deepEqual(targets.slice(-2), ['/?piece=2', '/?piece=3'])
})

test('content that looks like a request is content', async t => {
  const gateway = await newPublisher(t, own, FILES)
  const targets = parsed(t, 'content')
  const wire = await inUse(t, gateway.httpPort)
  const content = get('/?content=inner')
  const outer = lines(
    'POST /?content=outer HTTP/1.1',
    'Host: localhost',
    `Content-Length: ${content.length}`
  )

  wire.send(outer)
  t.is((await wire.answer(false))?.status, 405)
  wire.send(content)
  wire.send(get('/'))
  t.is((await wire.answer(false))?.body.toString(), 'hello')
  t.deepEqual(targets, ['/?content=outer'])
})

test('a stream that came over libp2p has the parser alone', async t => {
  const gateway = await newPublisher(t, own, FILES)
  const targets = parsed(t, 'stream')
  const [near, far] = duplexPair()

  gateway.accept(far)

  const wire = await inUse(t, near)

  wire.send(get('/?stream'))
  t.is((await wire.answer(false))?.status, 200)
  t.is(targets.length, 1)
})

test('a client that half-closes gets all its answers', async t => {
  const gateway = await newPublisher(t, own, FILES)
  const wire = await inUse(t, gateway.httpPort)

  wire.send(get('/').repeat(100))
  wire.finish()
  t.is((await wire.closed()).match(/HTTP\/1\.1 200 OK/g)?.length, 100)
})

test('requests wait where their answers are not read, and are all answered in the end', async t => {
  const size = 64 * 1024
  const total = 3000
  const gateway = await newPublisher(t, own, { 'index.html': 'x'.repeat(size) })
  let answered = 0
  const quiet = Promise.withResolvers<void>()

  gateway.events.listen('request', () => {
    answered += 1
  })

  const socket: Socket = connectPlain({ host: '127.0.0.1', port: gateway.httpPort })

  t.teardown(() => socket.destroy())
  socket.write(get('/'))
  await once(socket, 'data')
  socket.pause()
  socket.write(get('/').repeat(total), () => quiet.resolve())
  // The system takes what it has buffers for, some MiB; nobody reads the answers, so the rest has to wait.
  await Promise.race([quiet.promise, once(socket, 'pause')])
  await settled(() => answered)
  t.true(answered < total / 2, `${answered} answers are on their way`)

  let read = 0
  const all = total * size

  for await (const chunk of socket) {
    read += (chunk as Buffer).length

    if (read > all) break
  }

  t.true(read > all)
})

/** Waits until a figure is the same for twenty turns of the event loop in which sockets could do something. */
async function settled(figure: () => number): Promise<void> {
  for (let turns = 0, last = -1; turns < 20; turns += 1) {
    if (figure() !== last) {
      last = figure()
      turns = 0
    }

    await new Promise(resolve => setImmediate(resolve))
  }
}

test('a connection with nothing but plain requests outlives the timeout for fields, and ends when it is idle', async t => {
  const gateway = await newPublisher(t, own, FILES, {
    limits: { headersTimeout: 100, keepAliveTimeout: 200 }
  })
  const targets = parsed(t, 'long')
  const wire = await inUse(t, gateway.httpPort)
  const until = performance.now() + 400

  do {
    t.is((await untilFast(wire, get('/?long'), targets))?.status, 200)
  } while (performance.now() < until)

  t.is(await wire.closed(), '')
})

test('whoever listens is told of the same on both ways', async t => {
  const gateway = await newPublisher(t, own, FILES)
  const told: object[] = []
  const targets = parsed(t, 'told')
  const request = get('/?told', 'User-Agent: a', 'Referer: b', 'From: c')

  gateway.events.listen('request', message => {
    told.push({ ...message, at: 0, milliseconds: 0 })
  })

  const wire = await inUse(t, gateway.httpPort)

  wire.send(request.replace('\r\n\r\n', '\r\nX-Unknown: x\r\n\r\n'))
  await wire.answer(false)
  t.is((await untilFast(wire, request, targets))?.status, 200)
  // An answer is told of when it has left.
  await gateway.close()

  t.true(told.length > 2)
  t.deepEqual(told.at(-1), told[1])
  t.like(told[1], { method: 'GET', target: '/?told', status: 200, bytes: 5, userAgent: 'a' })
})

test('a gateway that stops ends connections in use', async t => {
  const gateway = await newPublisher(t, own, FILES)
  const wire = await inUse(t, gateway.httpPort)

  wire.send(get('/'))
  t.is((await wire.answer(false))?.status, 200)
  await gateway.close()
  t.is(await wire.closed(), '')
})
