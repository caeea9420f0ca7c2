import fc from 'fast-check'
import test from 'ava'
import { combinedLine } from '../../../http-gateway/access-log/combined.ts'
import type { Entry } from '../../../http-gateway/access-log/entry.ts'
import { escapeText } from '../../../http-gateway/access-log/escape.ts'
import { jsonLine } from '../../../http-gateway/access-log/json.ts'
import { LineQueue } from '../../../http-gateway/access-log/queue.ts'
import { shortenAddress } from '../../../http-gateway/access-log/shorten.ts'
import type { Message } from '../../../http-gateway/events/messages.ts'

const whole = (address: string): string => address
const AT = Date.UTC(2000, 9, 10, 13, 55, 36, 789)

function requestOf(parts: Partial<Message<'request'>> = {}): Entry {
  return {
    kind: 'request',
    message: {
      node: 'uuid',
      at: AT,
      milliseconds: 1.23456,
      transport: 'plain',
      remoteAddress: '203.0.113.7',
      method: 'GET',
      target: '/apache_pb.gif',
      version: '1.0',
      host: 'localhost',
      from: 'reader@example.org',
      referer: 'http://www.example.com/start.html',
      userAgent: 'Mozilla/4.08 [en] (Win98; I ;Nav)',
      status: 200,
      bytes: 2326,
      isWhole: true,
      server: 'own',
      ...parts
    }
  }
}

const REFUSED: Entry = {
  kind: 'parse-error',
  message: {
    node: 'uuid',
    at: AT,
    transport: 'plain',
    remoteAddress: '2001:db8::7',
    status: 400,
    code: 'PLEXNET_BAD_REQUEST',
    bytes: 900
  }
}

test("the combined format is that of Apache's own example", t => {
  t.is(
    combinedLine(requestOf(), whole),
    '203.0.113.7 - - [10/Oct/2000:13:55:36 +0000] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"\n'
  )
})

test('what a request does not have is a dash', t => {
  const nothing = { remoteAddress: '', referer: undefined, userAgent: '', bytes: 0, status: 304 }

  t.is(
    combinedLine(requestOf(nothing), whole),
    '- - - [10/Oct/2000:13:55:36 +0000] "GET /apache_pb.gif HTTP/1.0" 304 - "-" "-"\n'
  )
})

test('what was no request has a line too', t => {
  t.is(
    combinedLine(REFUSED, whole),
    '2001:db8::7 - - [10/Oct/2000:13:55:36 +0000] "-" 400 900 "-" "-"\n'
  )
  t.deepEqual(JSON.parse(jsonLine(REFUSED, whole)), {
    time: '2000-10-10T13:55:36.789Z',
    remoteAddress: '2001:db8::7',
    transport: 'plain',
    status: 400,
    bytes: 900,
    code: 'PLEXNET_BAD_REQUEST'
  })
})

// B5: From, Referer and User-Agent are used
test('the JSON format has all that is known of a request', t => {
  t.deepEqual(JSON.parse(jsonLine(requestOf(), whole)), {
    time: '2000-10-10T13:55:36.789Z',
    remoteAddress: '203.0.113.7',
    transport: 'plain',
    method: 'GET',
    target: '/apache_pb.gif',
    version: '1.0',
    host: 'localhost',
    status: 200,
    bytes: 2326,
    milliseconds: 1.235,
    whole: true,
    server: 'own',
    from: 'reader@example.org',
    referer: 'http://www.example.com/start.html',
    userAgent: 'Mozilla/4.08 [en] (Win98; I ;Nav)'
  })
})

// The rules of Apache's ap_escape_logitem.
const ESCAPES: [string, string][] = [
  ['plain text', 'plain text'],
  ['" 200 1 "-" "forged', '\\" 200 1 \\"-\\" \\"forged'],
  ['back\\slash', 'back\\\\slash'],
  ['a\r\n127.0.0.1 - - [', 'a\\r\\n127.0.0.1 - - ['],
  ['\t\v\b', '\\t\\v\\b'],
  ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
  ['\u0000\u007f', '\\x00\\x7f'],
  ['caf\u00c3\u00a9', 'caf\\xc3\\xa9'],
  ['\u20ac', '\\xe2\\x82\\xac']
]

for (const [text, expected] of ESCAPES) {
  test(`${JSON.stringify(text)} is written as ${expected}`, t => {
    t.is(escapeText(text), expected)
  })
}

/** One line of the combined format, and nothing more. */
const COMBINED =
  /^[^ ]+ - - \[[^\]]+\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-) "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"\n$/

test('no client can forge a line, whatever it sends', t => {
  const text = fc.string({ unit: 'binary' })

  fc.assert(
    fc.property(text, text, text, text, (target, userAgent, referer, method) => {
      const entry = requestOf({ target, userAgent, referer, method })
      const line = combinedLine(entry, whole)

      t.regex(line, COMBINED)
      t.regex(line, /^[ -~]*\n$/)

      const json = jsonLine(entry, whole)

      t.is(json.indexOf('\n'), json.length - 1)
      t.is(typeof JSON.parse(json), 'object')
    }),
    { numRuns: 2000 }
  )
})

test('text beyond ASCII is UTF-8 in JSON where it is in the request, and otherwise byte by byte', t => {
  const utf8 = Buffer.from('café €').toString('latin1')

  t.is(JSON.parse(jsonLine(requestOf({ userAgent: utf8 }), whole)).userAgent, 'café €')
  t.is(JSON.parse(jsonLine(requestOf({ userAgent: 'caf\u00e9' }), whole)).userAgent, 'caf\u00e9')
})

const ADDRESSES: [string, string][] = [
  ['203.0.113.7', '203.0.113.0'],
  ['127.0.0.1', '127.0.0.0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
  ['2001:0db8:0001::7', '2001:db8:1::'],
  ['2001:db8::7', '2001:db8:0::'],
  ['::1', '0:0:0::'],
  ['fe80::1%eth0', 'fe80:0:0::'],
  ['', '']
]

for (const [full, network] of ADDRESSES) {
  test(`the network of ${full || 'no address'} is ${network || 'nothing'}`, t => {
    t.is(shortenAddress(full), network)
  })
}

test('lines that find no room are dropped and counted, and those that have it keep their order', t => {
  const queue = new LineQueue(12)

  t.deepEqual(
    ['one\n', 'two\n', 'six\n', 'ten\n'].map(line => queue.add(line)),
    [true, true, true, false]
  )
  t.is(queue.dropped, 1)
  t.is(queue.next().toString(), 'one\ntwo\nsix\n')
  queue.advance(6)
  t.is(queue.size, 6)
  t.true(queue.add('ten\n'))
  t.is(queue.next().toString(), 'o\nsix\n')
  queue.rewindLine()
  t.is(queue.next().toString(), 'two\nsix\n')
  queue.advance(8)
  t.is(queue.next().toString(), 'ten\n')
  queue.drop()
  t.is(queue.dropped, 2)
  t.is(queue.next().length, 0)
  t.is(queue.size, 0)
})
