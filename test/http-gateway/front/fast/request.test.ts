import test from 'ava'
import {
  fieldOf,
  MAX_PLAIN_HEAD,
  PlainReader
} from '../../../../http-gateway/front/fast/request.ts'

const PLAIN: [string, string][] = [
  ['a request of a program', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['HEAD', 'HEAD /a/b.html?c=d HTTP/1.1\r\nHost: [::1]:8010\r\n\r\n'],
  ['names in any case', 'GET / HTTP/1.1\r\nhOST: localhost\r\nACCEPT: */*\r\n\r\n'],
  ['spaces around values', 'GET / HTTP/1.1\r\nHost: \t localhost \t\r\n\r\n'],
  ['keep-alive', 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Keep-Alive\r\n\r\n'],
  ['an empty value', 'GET / HTTP/1.1\r\nHost: localhost\r\nReferer:\r\n\r\n'],
  [
    'a request of a browser',
    'GET /a%20b HTTP/1.1\r\nHost: localhost:8010\r\nConnection: keep-alive\r\nsec-ch-ua: "x";v="1"\r\nUser-Agent: Mozilla/5.0\r\n' +
      'Accept: text/html,*/*;q=0.8\r\nSec-Fetch-Site: none\r\nAccept-Encoding: gzip, br\r\nAccept-Language: de\r\nCookie: a=b\r\n\r\n'
  ]
]

const HOST = 'Host: localhost\r\n'

const OTHERS: [string, string][] = [
  ['what is not all there', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r'],
  ['no Host', 'GET / HTTP/1.1\r\nAccept: */*\r\n\r\n'],
  ['no fields', 'GET / HTTP/1.1\r\n\r\n'],
  ['two Hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`],
  ['two Accept-Encodings', `GET / HTTP/1.1\r\n${HOST}${'Accept-Encoding: br\r\n'.repeat(2)}\r\n`],
  ['another method', `POST / HTTP/1.1\r\n${HOST}\r\n`],
  ['a method in small letters', `get / HTTP/1.1\r\n${HOST}\r\n`],
  ['HTTP/1.0', `GET / HTTP/1.0\r\n${HOST}\r\n`],
  ['HTTP/1.10', `GET / HTTP/1.10\r\n${HOST}\r\n`],
  ['a small http', `GET / http/1.1\r\n${HOST}\r\n`],
  ['two spaces before the target', `GET  / HTTP/1.1\r\n${HOST}\r\n`],
  ['two spaces after it', `GET /  HTTP/1.1\r\n${HOST}\r\n`],
  ['no target', `GET HTTP/1.1\r\n${HOST}\r\n`],
  ['nothing but a version', ` HTTP/1.1\r\n${HOST}\r\n`],
  ['a target that is no path', `GET x HTTP/1.1\r\n${HOST}\r\n`],
  ['an absolute target', `GET http://localhost/ HTTP/1.1\r\n${HOST}\r\n`],
  ['a fragment', `GET /#x HTTP/1.1\r\n${HOST}\r\n`],
  ['a quotation mark', `GET /" HTTP/1.1\r\n${HOST}\r\n`],
  ['a byte over 127 in the target', `GET /\xe4 HTTP/1.1\r\n${HOST}\r\n`],
  ['NUL in the target', `GET /\0 HTTP/1.1\r\n${HOST}\r\n`],
  ['an empty line first', `\r\nGET / HTTP/1.1\r\n${HOST}\r\n`],
  ['lines that end in LF', 'GET / HTTP/1.1\nHost: localhost\n\n'],
  ['LF within a value', 'GET / HTTP/1.1\r\nHost: localhost\nAccept: */*\r\n\r\n'],
  ['CR within a value', `GET / HTTP/1.1\r\n${HOST}Accept: a\rb\r\n\r\n`],
  ['NUL within a value', `GET / HTTP/1.1\r\n${HOST}Accept: a\0b\r\n\r\n`],
  ['a folded line', `GET / HTTP/1.1\r\n${HOST}Accept: a,\r\n b\r\n\r\n`],
  ['a space before the colon', 'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n'],
  ['a space before the name', 'GET / HTTP/1.1\r\n Host: localhost\r\n\r\n'],
  ['a line without a colon', `GET / HTTP/1.1\r\n${HOST}Accept\r\n\r\n`],
  ['no name', `GET / HTTP/1.1\r\n${HOST}: x\r\n\r\n`],
  ...[
    'Connection: close',
    'Connection: keep-alive, close',
    'Connection: Upgrade',
    'Connection:',
    'Content-Length: 0',
    'Expect: 100-continue',
    'Forwarded: for=192.0.2.1',
    'If-Match: *',
    'If-Modified-Since: x',
    'If-None-Match: "x"',
    'If-Range: "x"',
    'If-Unmodified-Since: x',
    'Range: bytes=0-',
    'TE: trailers',
    'Transfer-Encoding: chunked',
    'Upgrade: h2c',
    'Via: 1.1 x',
    'Want-Content-Digest: sha-256=1',
    'Want-Repr-Digest: sha-256=1',
    'X-Forwarded-For: 192.0.2.1',
    'X-Whatever: x',
    'Authorization: Bearer x'
  ].map((line): [string, string] => [line, `GET / HTTP/1.1\r\n${HOST}${line}\r\n\r\n`]),
  [
    'fields over the limit',
    `GET / HTTP/1.1\r\n${HOST}Cookie: ${'x'.repeat(MAX_PLAIN_HEAD)}\r\n\r\n`
  ]
]

for (const [name, request] of PLAIN) {
  test(`${name} is plain, at any place in a text, each time`, t => {
    const reader = new PlainReader()

    for (const [before, after] of [
      ['', ''],
      ['GET ', 'rest'],
      ['\r\n\r\n', request]
    ] as const) {
      const read = reader.read(before + request + after, before.length)

      t.is(read?.end, before.length + request.length)
      t.is(read?.method, request.startsWith('HEAD') ? 'HEAD' : 'GET')
      t.is(read?.target, request.split(' ')[1])
      t.regex(read?.fields.host ?? '', /^(?:localhost|localhost:8010|\[::1\]:8010)$/)
    }
  })
}

for (const [name, request] of OTHERS) {
  test(`${name}: not plain`, t => {
    const reader = new PlainReader()

    t.is(reader.read(request, 0), undefined)
    t.is(reader.read(request, 0), undefined)
  })
}

test('fields are found by name, the first of several', t => {
  const fields = {
    host: 'localhost',
    acceptEncoding: undefined,
    text: '\r\nHost: localhost\r\nUser-AGENT:  a b \r\nUser-Agent: c\r\nX: referer: y'
  }

  t.is(fieldOf(fields, 'user-agent'), 'a b')
  t.is(fieldOf(fields, 'referer'), undefined)
})
