import fc from 'fast-check'
import { get, lines, post, request } from './request.ts'
import { Wire } from './wire.ts'

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

/** A request that was changed at some places, and how it is sent. */
export interface Attempt {
  readonly seed: string
  readonly changes: readonly Change[]
  readonly split: number
  readonly isInUse: boolean
}

export const attempt: fc.Arbitrary<Attempt> = fc.record({
  seed: fc.constantFrom(...SEEDS),
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  /** Where the bytes are cut in two pieces that are sent one after the other. */
  split: fc.nat(400),
  /** The connection has answered a request before. */
  isInUse: fc.boolean()
})

export function bytesOf({ seed, changes }: Attempt): string {
  return changes.reduce(mutate, seed)
}

/**
 * All that the server says. The client half-closes after its bytes, so that the server has to come to an end: it answers what it can and closes.
 *
 * @throws where a connection does not answer a good request
 */
export async function attack(port: number, one: Attempt): Promise<string> {
  const bytes = bytesOf(one)
  const wire = new Wire(port)

  try {
    if (one.isInUse) {
      await checkAlive(wire)
    }

    wire.send(bytes.slice(0, one.split))
    wire.send(bytes.slice(one.split))
    wire.finish()

    return await wire.closed()
  } finally {
    wire.destroy()
  }
}

/** @throws where a good request is not answered */
export async function checkAlive(wire: Wire): Promise<void> {
  wire.send(get('/'))

  const answer = await wire.answer(false)

  if (answer?.status !== 200) {
    throw new Error(`A good request is answered with ${answer?.status ?? 'nothing'}.`)
  }
}

/** What is wrong with all that a server said, if anything is. */
export function faultOf(said: string): string | undefined {
  if (!/^(?:HTTP\/1\.1 [1-5]\d\d |$)/.test(said)) {
    return 'It does not begin with an answer.'
  }

  return /^HTTP\/1\.1 500 /m.test(said) ? 'It has an answer of 500.' : undefined
}

function mutate(bytes: string, { at, cut, piece }: Change): string {
  const position = at % (bytes.length + 1)

  return bytes.slice(0, position) + piece + bytes.slice(position + cut)
}
