import test from 'ava'
import fc from 'fast-check'
import { get, lines, post, request } from './request.ts'
import { newSite } from './site.ts'
import { Wire } from './wire.ts'

// A case takes about a millisecond; more of them are for the bench.
const CASES = 3000
const AT_ONCE = 16

const site = newSite()

const SEEDS = [
  get('/'),
  get('/data.bin', 'Range: bytes=0-1,5-6', 'If-Range: "x"'),
  get('/page.html', 'Accept-Encoding: br;q=0.5, gzip, *;q=0', 'If-None-Match: "x", W/"y"'),
  get('/large.bin', 'Want-Repr-Digest: sha-256=1', 'Connection: close'),
  get('http://localhost:8010/%C3%A4?a=b', 'Expect: 100-continue'),
  post('hello', 'Content-Length: 5'),
  post('5;a="b"\r\nhello\r\n0\r\nX: y\r\n\r\n', 'Transfer-Encoding: chunked'),
  request('PUT', '/x', ['Content-Length: 3', 'Authorization: Bearer x']),
  lines('OPTIONS * HTTP/1.0', 'Connection: keep-alive'),
  get('/') + get('/none') + get('/docs')
]

const PIECES = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '"',
  '%',
  '%00',
  '/..',
  '/',
  '?',
  '#',
  '*',
  '\x7f',
  '\xff',
  'HTTP/1.1',
  'HTTP/9.9',
  'Host: localhost\r\n',
  'Host: x\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 99999999999999999999\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip\r\n',
  'Connection: close\r\n',
  'Expect: 100-continue\r\n',
  'Upgrade: x\r\n',
  'Range: bytes=0-0\r\n',
  'Accept-Encoding: br\r\n',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  'CONNECT ',
  'TRACE ',
  'DELETE ',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
]

interface Change {
  readonly at: number
  readonly cut: number
  readonly piece: string
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(400),
  cut: fc.oneof(fc.constant(0), fc.nat(20)),
  piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 5 }))
})

const attempt = fc.record({
  seed: fc.constantFrom(...SEEDS),
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  /** Where the bytes are cut in two pieces that are sent one after the other. */
  split: fc.nat(400)
})

test('whatever bytes arrive, they are answered or the connection is closed, and the next request is served', async t => {
  const cases = fc.sample(attempt, { numRuns: CASES, seed: 9112 })

  for (let index = 0; index < cases.length; index += AT_ONCE) {
    await Promise.all(
      cases.slice(index, index + AT_ONCE).map(async ({ seed, changes, split }) => {
        const bytes = changes.reduce(mutate, seed)
        const said = await sendAll(bytes, split)

        t.regex(said, /^(?:HTTP\/1\.1 [1-5]\d\d |$)/, JSON.stringify(bytes))
        t.notRegex(said, /^HTTP\/1\.1 500 /m, JSON.stringify(bytes))
      })
    )
  }

  const wire = new Wire(site.port)

  t.teardown(() => wire.destroy())
  wire.send(get('/'))
  t.is((await wire.answer(false))?.body.toString(), 'hello')
})

function mutate(bytes: string, { at, cut, piece }: Change): string {
  const position = at % (bytes.length + 1)

  return bytes.slice(0, position) + piece + bytes.slice(position + cut)
}

/** Half-closes after the bytes, so that the server has to come to an end: it answers what it can and closes. */
async function sendAll(bytes: string, split: number): Promise<string> {
  const wire = new Wire(site.port)

  try {
    wire.send(bytes.slice(0, split))
    wire.send(bytes.slice(split))
    wire.finish()

    return await wire.closed()
  } finally {
    wire.destroy()
  }
}
