import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { get, head, lines, post, request } from '../../../conformance/request.ts'
import { Wire } from '../../../conformance/wire.ts'
import { newGateway, newIdentities, temporaryDirectory } from '../../fixture.ts'

const { own } = await newIdentities('own')

const RUNS = 300
const FILES = {
  'index.html': 'hello',
  'page.html': '<p>A page that compresses well.</p>\n'.repeat(300),
  'data.bin': '0123456789'.repeat(1000),
  'large.bin': '0123456789'.repeat(20_000),
  empty: ''
}

// None accepts text/html: a page about bytes that are no request is HTML where that stands anywhere in their packet.
const PLAIN = [
  get('/'),
  get('/?query=1', 'User-Agent: x', 'Accept: image/png'),
  head('/'),
  get('/data.bin', 'Connection: keep-alive'),
  head('/data.bin', 'Cookie: a=b'),
  get('/page.html', 'Accept-Encoding: gzip'),
  get('/page.html', 'Accept-Encoding: identity;q=0.5, *;q=0'),
  get('/empty', 'Referer: http://localhost/')
]

const OTHERS = [
  get('/data.bin', 'Range: bytes=5-9'),
  get('/data.bin', 'If-None-Match: *'),
  get('/page.html', 'Accept-Encoding: br', 'Want-Content-Digest: sha-256=1'),
  get('/large.bin'),
  head('/large.bin'),
  get('/none'),
  get('/none', 'Accept: image/png'),
  get('/%zz'),
  get('/', 'X-Unknown: x'),
  `\r\n${get('/')}`,
  lines('GET / HTTP/1.0', 'Connection: keep-alive'),
  lines('GET http://localhost/data.bin HTTP/1.1', 'Host: localhost'),
  lines('GET / HTTP/1.1', 'Host: evil.example'),
  lines('GET / HTTP/1.1', 'Host: localhost', 'Host: localhost'),
  lines('GET / HTTP/1.1'),
  post('hello', 'Content-Length: 5'),
  post(get('/'), `Content-Length: ${get('/').length}`),
  post(`5\r\nhello\r\n0\r\nX: y\r\n\r\n`, 'Transfer-Encoding: chunked'),
  request('OPTIONS', '*', []),
  request('FROB', '/', ['Content-Length: 0'])
]

/** After these the connection ends. */
const LAST = [
  '',
  get('/', 'Connection: close'),
  get('/large.bin', 'Connection: close'),
  lines('GET /data.bin HTTP/1.0'),
  'GET / HTTP/1.1\r\nHost: loc',
  'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n',
  'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n',
  'GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  request('GET', '/', ['Content-Length: 5', 'Transfer-Encoding: chunked'])
]

const conversation = fc.record({
  requests: fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...PLAIN) },
      { weight: 1, arbitrary: fc.constantFrom(...OTHERS) }
    ),
    { minLength: 1, maxLength: 12 }
  ),
  last: fc.constantFrom(...LAST),
  /** Where the bytes are cut, as parts of their number. */
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 })
})

test('however requests follow each other and are cut, the answers are those of the parser alone', async t => {
  const folder = await temporaryDirectory(t)
  const gateway = await newGateway(t, own)
  const plain = await newGateway(t, own)

  for (const [name, content] of Object.entries(FILES)) {
    await writeFile(join(folder, name), content)
  }

  for (const one of [gateway, plain]) {
    await one.listen()
    await one.publish(folder)
  }

  let parsed = 0
  let sent = 0
  const note = (): void => {
    parsed += 1
  }

  keepPlain(t, plain.httpPort)
  subscribe('http.server.request.start', note)
  t.teardown(() => unsubscribe('http.server.request.start', note))

  await fc.assert(
    fc.asyncProperty(conversation, async ({ requests, last, cuts }) => {
      const pieces = cut(requests.join('') + last, cuts)
      const [fast, slow] = await Promise.all([
        converse(gateway.httpPort, pieces),
        converse(plain.httpPort, pieces)
      ])

      sent += 2 * requests.length

      if (fast !== slow) {
        throw new Error(`In front of the parser:\n${fast}\nBy the parser alone:\n${slow}`)
      }
    }),
    { numRuns: RUNS, seed: 9112 }
  )

  t.log(`${parsed} of ${sent} requests went through the parser`)
  t.true(parsed < sent, 'some were answered in front of it')
})

function cut(bytes: string, cuts: readonly number[]): string[] {
  const places = cuts.map(part => Math.floor(part * bytes.length)).toSorted((a, b) => a - b)

  return [0, ...places].map((place, index) => bytes.slice(place, places[index]))
}

/** Nothing stands in front of the parser where somebody else listens to the bytes, too. */
function keepPlain(t: ExecutionContext, port: number): void {
  const listenToo = (message: unknown): void => {
    const { socket } = message as { socket: Socket }

    if (socket.localPort === port) {
      socket.on('data', () => undefined)
    }
  }

  subscribe('net.server.socket', listenToo)
  t.teardown(() => unsubscribe('net.server.socket', listenToo))
}

/** Everything that comes back, without its dates. */
async function converse(port: number, pieces: readonly string[]): Promise<string> {
  const wire = new Wire(port)

  try {
    wire.send(get('/'))
    await wire.answer(false)

    for (const piece of pieces.filter(one => one !== '')) {
      wire.send(piece)
      // So that most pieces arrive by themselves.
      await new Promise(resolve => setImmediate(resolve))
    }

    wire.finish()

    return (await wire.closed()).replaceAll(/^Date: .*$/gm, 'Date:')
  } finally {
    wire.destroy()
  }
}
