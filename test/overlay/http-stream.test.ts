import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Readable, type Duplex } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import { Agent, request, type buildConnector } from 'undici'
import { PeerUnreachableError } from '../../overlay/index.ts'
import { newPeople, startNode, type TestNode } from '../helpers/network.ts'

const MIB = 1024 * 1024
const people = newPeople(2)

test('a small request is answered over a libp2p stream', async t => {
  const { fetch } = await startPair(t, (incoming, response) => {
    response.end(`${incoming.method} ${incoming.url}`)
  })
  const { statusCode, body } = await fetch('/a/b?c=d')

  t.is(statusCode, 200)
  t.is(await body.text(), 'GET /a/b?c=d')
})

test('8 MiB pass unchanged in both directions at once', async t => {
  const sent = randomBytes(8 * MIB)
  const { fetch } = await startPair(t, (incoming, response) => {
    incoming.pipe(response)
  })
  const { body } = await fetch('/', { method: 'POST', body: Readable.from(slices(sent, 65_536)) })

  t.is(digest(await buffer(body)), digest(sent))
})

test('50 requests at once are each given their own answer', async t => {
  const { fetch } = await startPair(t, (incoming, response) => {
    response.end((incoming.url ?? '').repeat(1000))
  })
  const paths = Array.from({ length: 50 }, (_, index) => `/${index}/`)
  const answers = await Promise.all(paths.map(async path => (await fetch(path)).body.text()))

  t.deepEqual(
    answers,
    paths.map(path => path.repeat(1000))
  )
})

test('a side that has ended its own part still reads the other', async t => {
  const { client, serverSide } = await startRawPair(t)

  client.end('question')
  t.is(await text(serverSide), 'question')
  serverSide.end('answer')
  t.is(await text(client), 'answer')
})

test('a reader that pauses, twice, holds the sender back and gets all once it goes on', async t => {
  const { client, serverSide } = await startRawPair(t)
  const sent = randomBytes(32 * MIB)
  const received: Uint8Array[] = []
  let produced = 0

  const writing = writeAll(serverSide, slices(sent, 65_536), size => {
    produced += size
  })

  for (const pause of [1, 2]) {
    await readSome(client, 4 * MIB, received)
    await quiet(() => produced)
    // A window of 1 MiB, 64 KiB in each socket, the buffers of TCP and noise.
    t.true(produced < pause * 4 * MIB + 6 * MIB, `pause ${pause}: ${produced} bytes were taken`)
  }

  received.push(await buffer(client))
  await writing
  t.is(digest(Buffer.concat(received)), digest(sent))
})

test('a stream that is reset in the middle is an error and never an end', async t => {
  const { client, serverSide } = await startRawPair(t)

  serverSide.write('half of')
  await once(client, 'readable')
  serverSide.destroy(new Error('the disk failed'))
  await t.throwsAsync(buffer(client))
})

test('a connection that breaks off in the middle is an error and never an end', async t => {
  const { client, serverSide, server } = await startRawPair(t)

  serverSide.write('half of')
  await once(client, 'readable')

  const reading = buffer(client)

  await server.stop()
  await t.throwsAsync(reading)
})

test('an answer is read whole although its sender closes at once', async t => {
  const sent = randomBytes(600_000)
  const { fetch } = await startPair(t, (_, response) => {
    response.writeHead(200, { connection: 'close' })
    response.end(sent)
  })
  const { body } = await fetch('/')

  // The sender has finished and closed before the first byte is read.
  await quiet(() => body.readableLength)
  t.is(digest(await buffer(body)), digest(sent))
})

test('a writer learns that its peer has gone', async t => {
  const { client, serverSide } = await startRawPair(t)

  serverSide.destroy()
  await t.throwsAsync(async () => writeAll(client, slices(randomBytes(4 * MIB), 65_536)))
})

test('a node that is nowhere is unreachable, and the error names its peer', async t => {
  const [person, other] = await people
  const node = await startNode(t, person == null ? {} : { person })
  const error = await t.throwsAsync(
    node.overlay.openHttp({
      libp2pKey: other?.identity.libp2pKey.publicKey ?? new Uint8Array(32),
      multiaddrs: ['/ip4/127.0.0.1/tcp/1', '/new-kind/of/address']
    }),
    { instanceOf: PeerUnreachableError }
  )

  t.true(error?.message.includes(error.peerId))
})

interface Pair {
  readonly fetch: (
    path: string,
    options?: { method: 'POST'; body: Readable }
  ) => ReturnType<typeof request>
}

async function startPair(
  t: ExecutionContext,
  handle: (incoming: IncomingMessage, response: ServerResponse) => void
): Promise<Pair> {
  const http: Server = createServer(handle)
  const { open } = await startTwo(t, socket => http.emit('connection', socket))
  const agent = new Agent({
    connect: (_, settle) => void connect(open, settle)
  })

  t.teardown(async () => agent.destroy())

  return {
    fetch: async (path, options) => request(`http://peer${path}`, { dispatcher: agent, ...options })
  }
}

async function connect(
  open: () => Promise<Duplex>,
  settle: buildConnector.Callback
): Promise<void> {
  try {
    // Undici takes anything that behaves as a socket.
    settle(null, (await open()) as never)
  } catch (error) {
    settle(error instanceof Error ? error : new Error(String(error)), null)
  }
}

async function startRawPair(
  t: ExecutionContext
): Promise<{ client: Duplex; serverSide: Duplex; server: TestNode }> {
  const arrived = Promise.withResolvers<Duplex>()
  const { open, server } = await startTwo(t, socket => {
    arrived.resolve(socket)
  })
  const client = await open()

  // The stream is announced with the first byte.
  client.write('')

  return { client, serverSide: await arrived.promise, server }
}

async function startTwo(
  t: ExecutionContext,
  onHttp: (socket: Duplex) => void
): Promise<{ open: () => Promise<Duplex>; server: TestNode }> {
  const [one, other] = await people
  const server = await startNode(t, { ...(one == null ? {} : { person: one }), onHttp })
  const client = await startNode(t, other == null ? {} : { person: other })
  const node = {
    libp2pKey: server.person.identity.libp2pKey.publicKey,
    multiaddrs: server.overlay.multiaddrs
  }

  return { open: async () => client.overlay.openHttp(node), server }
}

async function writeAll(
  socket: Duplex,
  chunks: Iterable<Uint8Array>,
  onTaken: (size: number) => void = () => undefined
): Promise<void> {
  for (const chunk of chunks) {
    if (socket.destroyed) throw new Error('the socket was destroyed')
    const settled = Promise.withResolvers<void>()

    socket.write(chunk, error => (error == null ? settled.resolve() : settled.reject(error)))
    await settled.promise
    onTaken(chunk.byteLength)
  }

  socket.end()
}

async function readSome(socket: Duplex, size: number, into: Uint8Array[]): Promise<void> {
  for (let read = 0; read < size;) {
    const chunk: unknown = socket.read()

    if (chunk instanceof Uint8Array) {
      into.push(chunk)
      read += chunk.byteLength
    } else {
      await once(socket, 'readable')
    }
  }
}

/** Waits until a number has not changed for a good many turns of the event loop. */
async function quiet(read: () => number): Promise<void> {
  let last = -1

  for (let unchanged = 0; unchanged < 2000; unchanged += 1) {
    await new Promise(resolve => setImmediate(resolve))
    if (read() !== last) unchanged = 0
    last = read()
  }
}

function* slices(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
