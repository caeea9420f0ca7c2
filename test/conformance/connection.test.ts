import { get, head, lines, post, request } from './request.ts'
import { testRows, type Expected, type Row } from './rows.ts'
import { newSite } from './site.ts'

const HELLO: Expected = { status: 200, body: 'hello' }
const LAST: Expected = { status: 200, body: 'hello', fields: { connection: 'close' } }
const LARGE: Expected = { status: 200, fields: { 'content-length': '200000' } }
const NEXT = get('/')
const CHUNKED = 'Transfer-Encoding: chunked'
const CONTINUE = 'Expect: 100-continue'

const PERSISTENCE: Row[] = [
  {
    section: '9112 9.3',
    name: 'HTTP/1.1 stays open by itself',
    send: NEXT,
    expect: [{ status: 200, fields: { connection: /^(?:\(none\)|keep-alive)$/ } }],
    connection: 'open'
  },
  {
    section: '9112 9.3',
    name: 'Connection: keep-alive',
    send: get('/', 'Connection: keep-alive'),
    expect: [HELLO],
    connection: 'open'
  },
  {
    section: '9112 9.6',
    name: 'Connection: close',
    send: get('/', 'Connection: close'),
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9110 7.6.1',
    name: 'Connection: CLOSE',
    send: get('/', 'Connection: CLOSE'),
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9110 7.6.1',
    name: 'close among other options',
    send: get('/', 'Connection: x, close, y'),
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9110 7.6.1',
    name: 'close in the second of two fields',
    send: get('/', 'Connection: x', 'Connection: close'),
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9112 9.3',
    name: 'close is stronger than keep-alive',
    send: get('/', 'Connection: keep-alive, close'),
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9110 7.6.1',
    name: 'an option that only looks like close',
    send: get('/', 'Connection: closed'),
    expect: [HELLO],
    connection: 'open'
  },
  {
    section: '9112 9.6',
    name: 'close holds for an error',
    send: get('/none', 'Connection: close'),
    expect: [{ status: 404, fields: { connection: 'close' } }],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'close holds for HEAD',
    send: head('/', 'Connection: close'),
    expect: [{ status: 200, isHead: true, fields: { connection: 'close' } }],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'close holds for what is read from the disk',
    send: get('/large.bin', 'Connection: close'),
    expect: [LARGE],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'close holds for a handler',
    send: post('hello', 'Content-Length: 5', 'Connection: close'),
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9112 9.3',
    name: 'HTTP/1.0 is closed',
    send: lines('GET / HTTP/1.0'),
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9112 9.3',
    name: 'HTTP/1.0 with a Host is closed',
    send: lines('GET / HTTP/1.0', 'Host: localhost'),
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9112 9.3',
    name: 'HTTP/1.0 with keep-alive stays open',
    send: lines('GET / HTTP/1.0', 'Connection: keep-alive'),
    expect: [{ status: 200, fields: { connection: 'keep-alive' } }],
    connection: 'open'
  },
  {
    section: '9112 9.3',
    name: 'HTTP/1.0 with Keep-Alive in another case',
    send: lines('GET / HTTP/1.0', 'Connection: Keep-Alive'),
    expect: [HELLO],
    connection: 'open'
  },
  {
    section: '9112 9.3',
    name: 'HTTP/1.0 with an error and keep-alive',
    send: lines('GET /none HTTP/1.0', 'Connection: keep-alive'),
    expect: [404],
    connection: 'open'
  },
  {
    section: '9112 3.2',
    name: 'HTTP/1.0 with two Hosts',
    send: lines('GET / HTTP/1.0', 'Host: localhost', 'Host: localhost'),
    expect: [400],
    connection: 'closed'
  },
  {
    section: '9110 6.2',
    name: 'HEAD in HTTP/1.0',
    send: lines('HEAD / HTTP/1.0'),
    expect: [{ status: 200, isHead: true }],
    connection: 'closed'
  },
  {
    section: '9110 15.5.6',
    name: 'a refused method in HTTP/1.0',
    send: lines('POST / HTTP/1.0', 'Content-Length: 0'),
    expect: [405],
    connection: 'closed'
  },
  {
    section: '9110 7.8',
    name: 'an Upgrade to what is not known is ignored',
    send: get('/', 'Connection: Upgrade', 'Upgrade: frob/1'),
    expect: [HELLO],
    connection: 'open'
  },
  {
    section: '9113 3.1',
    name: 'an Upgrade to h2c is ignored',
    send: get(
      '/',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__'
    ),
    expect: [HELLO],
    connection: 'open'
  },
  {
    section: '6455 4.2',
    name: 'an Upgrade to websocket is ignored',
    send: get(
      '/',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
    ),
    expect: [HELLO],
    connection: 'open'
  },
  {
    section: '9112 9.6',
    name: 'a half-closed client gets its answer',
    send: NEXT,
    halfCloses: true,
    expect: [HELLO],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'a half-closed client gets what is read from the disk',
    send: get('/large.bin'),
    halfCloses: true,
    expect: [LARGE],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'a half-closed client gets all its answers',
    send: get('/large.bin') + NEXT + get('/none'),
    halfCloses: true,
    expect: [LARGE, HELLO, 404],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'a half-closed client gets what a handler answers',
    send: post('hello', 'Content-Length: 5'),
    halfCloses: true,
    expect: [HELLO],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'bytes after a request that closes are not read',
    send: `${get('/', 'Connection: close')}rubbish`,
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'a request after one that closes is not answered',
    send: get('/', 'Connection: close') + NEXT,
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'many bytes after a request that closes',
    send: get('/', 'Connection: close') + 'x'.repeat(300_000),
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'many bytes after a request from the disk that closes',
    send: get('/large.bin', 'Connection: close') + 'x'.repeat(300_000),
    expect: [LARGE],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'much content after a refusal that closes',
    send:
      request('PATCH', '/', ['Content-Length: 3000000', 'Connection: close']) +
      'x'.repeat(3_000_000),
    expect: [405],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'much content after a request that cannot be read',
    send: `rubbish\r\n\r\n${'x'.repeat(3_000_000)}`,
    expect: [400],
    connection: 'closed'
  },
  {
    section: '9112 8',
    name: 'a request that breaks off in its line',
    send: 'GET / HT',
    halfCloses: true,
    expect: [{ status: [400, 408] }],
    connection: 'closed'
  },
  {
    section: '9112 8',
    name: 'a request that breaks off in its fields',
    send: 'GET / HTTP/1.1\r\nHost: local',
    halfCloses: true,
    expect: [{ status: [400, 408] }],
    connection: 'closed'
  },
  {
    section: '9112 8',
    name: 'content that breaks off',
    send: post('hel', 'Content-Length: 5'),
    halfCloses: true,
    expect: [{ status: [400, 408] }],
    connection: 'closed'
  },
  {
    section: '9112 8',
    name: 'chunked content that breaks off',
    send: post('5\r\nhel', CHUNKED),
    halfCloses: true,
    expect: [{ status: [400, 408] }],
    connection: 'closed'
  },
  {
    section: '9112 8',
    name: 'chunked content without its last chunk',
    send: post('5\r\nhello\r\n', CHUNKED),
    halfCloses: true,
    expect: [{ status: [400, 408] }],
    connection: 'closed'
  },
  {
    section: '9112 9.6',
    name: 'a client that says nothing',
    send: '',
    halfCloses: true,
    expect: [],
    connection: 'closed'
  }
]

const PIPELINES: Row[] = [
  {
    section: '9112 9.3.2',
    name: 'answers come in the order of the requests',
    send: get('/large.bin') + NEXT + get('/none') + head('/') + NEXT,
    expect: [LARGE, HELLO, 404, { status: 200, isHead: true }, HELLO],
    connection: 'open'
  },
  {
    section: '9112 9.3.2',
    name: 'fifty requests at once',
    send: NEXT.repeat(50),
    expect: Array.from({ length: 50 }, () => HELLO),
    connection: 'open'
  },
  {
    section: '9112 9.3.2',
    name: 'content between two requests',
    send:
      post('hello', 'Content-Length: 5') + NEXT + post('5\r\nhello\r\n0\r\n\r\n', CHUNKED) + NEXT,
    expect: [HELLO, HELLO, HELLO, HELLO],
    connection: 'open'
  },
  {
    section: '9112 9.3.2',
    name: 'an error does not end the connection',
    send: get('/none') + get('/%zz') + request('POST', '/', ['Content-Length: 0']) + NEXT,
    expect: [404, 400, 405, HELLO],
    connection: 'open'
  },
  {
    section: '9112 9.3.2',
    name: 'a request that cannot be read comes after the answers before it',
    send: `${get('/large.bin')}${NEXT}rubbish\r\n\r\n${NEXT}`,
    expect: [LARGE, HELLO, 400],
    connection: 'closed'
  },
  {
    section: '9112 9.3.2',
    name: 'so it does where the client half-closes',
    send: `${get('/none')}${get('/large.bin')}${NEXT}rubbish\r\n\r\n`,
    halfCloses: true,
    expect: [404, LARGE, HELLO, 400],
    connection: 'closed'
  },
  {
    section: '9112 9.3.2',
    name: 'an unknown method comes after the answers before it',
    send: get('/large.bin') + request('FROB', '/', []) + NEXT,
    expect: [LARGE, 501]
  },
  {
    section: '9112 9.3.2',
    name: 'the last of a pipeline closes',
    send: get('/large.bin') + get('/', 'Connection: close') + NEXT,
    expect: [LARGE, LAST],
    connection: 'closed'
  },
  {
    section: '9112 9.3.2',
    name: 'CONNECT comes after the answers before it',
    send: get('/large.bin') + lines('CONNECT localhost:1 HTTP/1.1', 'Host: localhost:1'),
    expect: [LARGE, 405],
    connection: 'closed'
  }
]

const EXPECTATIONS: Row[] = [
  {
    section: '9110 10.1.1',
    name: 'a handler that wants the content asks for it',
    send: post('hello', 'Content-Length: 5', CONTINUE) + NEXT,
    expect: [100, HELLO, HELLO],
    connection: 'open'
  },
  {
    section: '9110 10.1.1',
    name: 'in another case',
    send: post('hello', 'Content-Length: 5', 'Expect: 100-Continue') + NEXT,
    expect: [100, HELLO, HELLO],
    connection: 'open'
  },
  {
    section: '9110 10.1.1',
    name: 'chunked content is asked for',
    send: post('5\r\nhello\r\n0\r\n\r\n', CHUNKED, CONTINUE) + NEXT,
    expect: [100, HELLO, HELLO],
    connection: 'open'
  },
  {
    section: '9110 10.1.1',
    name: 'content that is refused is not asked for',
    send: request('POST', '/', ['Content-Length: 5', CONTINUE]),
    expect: [{ status: 405, fields: { connection: 'close' } }],
    connection: 'closed'
  },
  {
    section: '9110 10.1.1',
    name: 'content for nobody is not asked for',
    send: request('POST', '/none', ['Content-Length: 5', CONTINUE]),
    expect: [{ status: [404, 405] }],
    connection: 'closed'
  },
  {
    section: '9110 10.1.1',
    name: 'content that is too large is not asked for',
    send: post('', 'Content-Length: 99999999', CONTINUE),
    expect: [{ status: 413, fields: { connection: 'close' } }],
    connection: 'closed'
  },
  {
    section: '9110 10.1.1',
    name: 'content for a foreign Host is not asked for',
    send: lines('POST /echo HTTP/1.1', 'Host: evil.example', 'Content-Length: 5', CONTINUE),
    expect: [421],
    connection: 'closed'
  },
  {
    section: '9110 10.1.1',
    name: 'a GET without content is answered at once',
    send: get('/', CONTINUE),
    expect: [HELLO]
  },
  {
    section: '9110 10.1.1',
    name: 'a GET with content is answered at once',
    send: get('/', 'Content-Length: 5', CONTINUE),
    expect: [LAST],
    connection: 'closed'
  },
  {
    section: '9110 10.1.1',
    name: 'HTTP/1.0 expects nothing',
    send: lines('POST /echo HTTP/1.0', 'Content-Length: 5', CONTINUE) + 'hello',
    expect: [HELLO],
    connection: 'closed'
  },
  ...['x', '100-continuex', '200-ok', '100-continue, x', 'x=100-continue', '100'].map(
    (expectation): Row => ({
      section: '9110 10.1.1',
      name: `the expectation ${expectation} is not known`,
      send: get('/', `Expect: ${expectation}`),
      expect: [{ status: 417, fields: { connection: 'close' } }],
      connection: 'closed'
    })
  ),
  {
    section: '9110 10.1.1',
    name: 'an unknown expectation of content',
    send: post('', 'Content-Length: 5', 'Expect: x'),
    expect: [{ status: 417, fields: { connection: 'close' } }],
    connection: 'closed'
  },
  {
    section: '9110 15.5.14',
    name: 'content that a handler finds too large',
    send: post('x'.repeat(2_000_000), 'Content-Length: 2000000'),
    expect: [413]
  },
  {
    section: '9110 15.5.14',
    name: 'chunked content that a handler finds too large',
    send: post(`1e8480\r\n${'x'.repeat(2_000_000)}\r\n0\r\n\r\n`, CHUNKED),
    expect: [413]
  },
  {
    section: '9110 8.3',
    name: 'content without a type',
    send: post('hello', 'Content-Length: 5'),
    expect: [HELLO],
    connection: 'open'
  },
  {
    section: '9110 8.3',
    name: 'content of a type that nobody knows',
    send: post('hello', 'Content-Type: x/y', 'Content-Length: 5'),
    expect: [HELLO],
    connection: 'open'
  },
  {
    section: '9110 8.3',
    name: 'a type that is none',
    send: post('hello', 'Content-Type: ;;', 'Content-Length: 5'),
    expect: [{ status: [200, 400, 415] }],
    connection: 'open'
  },
  {
    section: '8259 2',
    name: 'JSON that is none',
    send: post('hello', 'Content-Type: application/json', 'Content-Length: 5'),
    expect: [400],
    connection: 'open'
  }
]

testRows(newSite(), [...PERSISTENCE, ...PIPELINES, ...EXPECTATIONS])
