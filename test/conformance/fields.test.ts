import { get, head, lines } from './request.ts'
import { testRows, type Expected, type Row } from './rows.ts'
import { newSite } from './site.ts'

const HELLO: Expected = { status: 200, body: 'hello' }
const NEXT = get('/')

function refused(
  section: string,
  name: string,
  send: string,
  status: number | readonly number[] = 400
): Row {
  return { section, name, send: send + NEXT, expect: [{ status }], connection: 'closed' }
}

function answered(section: string, name: string, send: string, expected: number | Expected): Row {
  return { section, name, send: send + NEXT, expect: [expected, HELLO], connection: 'open' }
}

function withHost(...hosts: string[]): string {
  return lines('GET / HTTP/1.1', ...hosts.map(host => `Host: ${host}`))
}

const HOSTS: Row[] = [
  answered('9112 3.2', 'no Host in HTTP/1.1', withHost(), 400),
  answered('9112 3.2', 'two Hosts', withHost('localhost', 'evil.example'), 400),
  answered('9112 3.2', 'two equal Hosts', withHost('localhost', 'localhost'), 400),
  answered(
    '9112 3.2',
    'two Hosts in different case',
    lines('GET / HTTP/1.1', 'Host: localhost', 'hOST: localhost'),
    400
  ),
  answered(
    '9112 3.2',
    'no Host with an absolute target',
    lines('GET http://localhost/ HTTP/1.1'),
    400
  ),
  answered(
    '9112 3.2',
    'two Hosts with an absolute target',
    lines('GET http://localhost/ HTTP/1.1', 'Host: a', 'Host: b'),
    400
  ),
  answered(
    '9112 3.2',
    'an invalid Host with an absolute target',
    lines('GET http://localhost/ HTTP/1.1', 'Host: a/b@c'),
    400
  ),
  ...[
    '',
    ' ',
    'a/b',
    'a/b@c',
    'user@localhost',
    'localhost,evil.example',
    'localhost evil.example',
    'http://localhost/',
    'localhost:x',
    'localhost:-1',
    'localhost:65536',
    'localhost:80:80',
    'localhost?x',
    'localhost#x',
    '[::1',
    '::1',
    '[::g]',
    '[]',
    '[::1]x',
    'local%host',
    '<localhost>',
    '"localhost"',
    'localhost\\x',
    'a'.repeat(300)
  ].map(host =>
    answered('9110 7.2', `the Host ${JSON.stringify(host.slice(0, 40))}`, withHost(host), 400)
  ),
  ...[
    'localhost',
    'LOCALHOST',
    'localhost:1',
    'localhost:65535',
    'localhost.',
    'localhost:',
    '127.0.0.1',
    '127.0.0.1:8010',
    '[::1]',
    '[::1]:8010',
    '[0:0:0:0:0:0:0:1]'
  ].map(host => answered('9110 7.2', `the Host ${host}`, withHost(host), HELLO)),
  ...[
    'evil.example',
    'localhost.evil.example',
    'evil.localhost',
    'localhost..',
    'xn--bcher-kva.example'
  ].map(host =>
    answered('9110 7.4', `the Host ${host} is another's`, withHost(host), { status: [400, 421] })
  ),
  answered('9112 5.1', 'the Host behind a tab', lines('GET / HTTP/1.1', 'Host:\tlocalhost'), HELLO),
  answered(
    '9112 5.1',
    'the Host without a blank',
    lines('GET / HTTP/1.1', 'Host:localhost'),
    HELLO
  ),
  answered(
    '9112 5.1',
    'the Host with blanks behind it',
    lines('GET / HTTP/1.1', 'Host: localhost \t '),
    HELLO
  )
]

const SYNTAX: Row[] = [
  answered('9110 5.5', 'an empty value', get('/', 'X-Empty:'), HELLO),
  answered('9110 5.5', 'a value of blanks', get('/', 'X-Empty: \t '), HELLO),
  answered('9110 5.5', 'a value with bytes over 127', get('/', 'X: \xe4\xff'), HELLO),
  answered('9110 5.5', 'a value with a tab', get('/', 'X: a\tb'), HELLO),
  answered(
    '9110 5.6.2',
    'a name of all characters of a token',
    get('/', "!#$%&'*+-.^_`|~09azAZ: x"),
    HELLO
  ),
  answered('9110 5.3', 'a field twice', get('/', 'X: a', 'X: b'), HELLO),
  ...[
    ['a blank before the colon', 'X : y'],
    ['a tab before the colon', 'X\t: y'],
    ['a blank in a name', 'X Y: z'],
    ['an empty name', ': y'],
    ['a line without a colon', 'X'],
    ['a name with brackets', 'X[]: y'],
    ['a name with a slash', 'X/Y: z'],
    ['a name with quotes', '"X": y'],
    ['a name with a byte over 127', 'X\xe4: y'],
    ['a name with a control character', 'X\x01: y'],
    ['a name with NUL', 'X\0: y'],
    ['a name with DEL', 'X\x7f: y'],
    ['a name with an at sign', 'X@: y'],
    ['a name with a comma', 'X,Y: z'],
    ['a name with braces', 'X{}: z'],
    ['NUL in a value', 'X: a\0b'],
    ['a control character in a value', 'X: a\x07b'],
    ['an escape character in a value', 'X: a\x1bb'],
    ['DEL in a value', 'X: a\x7fb'],
    ['a vertical tab in a value', 'X: a\vb'],
    ['a form feed in a value', 'X: a\fb'],
    ['a bare CR in a value', 'X: a\rb'],
    ['a bare CR before a field', '\rX: y'],
    ['a bare LF at the end of a value', 'X: a\nY: b'],
    ['CR CR LF at the end of a value', 'X: a\r'],
    ['a folded value', 'X: a\r\n b'],
    ['a value folded with a tab', 'X: a\r\n\tb'],
    ['a line of blanks', '  ']
  ].map(([name = '', line = '']) => refused('9112 5', name, get('/', line))),
  refused('9112 2.2', 'fields that end in a bare LF', 'GET / HTTP/1.1\r\nHost: localhost\r\n\n'),
  refused('9112 2.2', 'a whole request with bare LFs', 'GET / HTTP/1.1\nHost: localhost\n\n'),
  refused(
    '9112 2.2',
    'a CR before the last line',
    'GET / HTTP/1.1\r\nHost: localhost\r\n\rX: y\r\n\r\n'
  ),
  refused('9112 5.2', 'the first field is folded', 'GET / HTTP/1.1\r\n Host: localhost\r\n\r\n'),
  refused('9110 5.4', 'fields over 32 KiB', get('/', `X: ${'x'.repeat(40_000)}`), 431),
  refused('9110 5.4', 'a name over 32 KiB', get('/', `${'x'.repeat(40_000)}: y`), 431),
  refused(
    '9110 5.4',
    'fields over 32 KiB in all',
    get('/', ...Array.from({ length: 3000 }, (_, index) => `X${index}: abcdefgh`)),
    431
  ),
  answered(
    '9110 5.4',
    'five hundred small fields',
    get('/', ...Array.from({ length: 500 }, (_, index) => `X${index}: y`)),
    HELLO
  ),
  answered('9110 5.4', 'fields of 16 KB', get('/', `X: ${'x'.repeat(16_000)}`), HELLO)
]

const ANSWERS: Row[] = [
  answered('9110 8.3', 'HTML says its character set', get('/'), {
    status: 200,
    fields: { 'content-type': 'text/html; charset=utf-8' }
  }),
  answered('9110 8.3', 'plain text says its character set', get('/a+b.txt'), {
    status: 200,
    fields: { 'content-type': 'text/plain; charset=utf-8' }
  }),
  answered('9110 8.3', 'a type that nobody knows', get('/empty'), {
    status: 200,
    fields: { 'content-type': 'application/octet-stream', 'content-length': '0' }
  }),
  answered('9110 14.3', 'ranges are told of', get('/data.bin'), {
    status: 200,
    fields: { 'accept-ranges': 'bytes' }
  }),
  answered('9110 8.8.3', 'a strong entity tag', get('/data.bin'), {
    status: 200,
    fields: { etag: /^"[!#-~]+"$/ }
  }),
  answered('9110 8.8.2', 'the date of the last change', get('/data.bin'), {
    status: 200,
    fields: { 'last-modified': 'Sun, 06 Nov 1994 08:49:37 GMT' }
  }),
  answered('9111 5.2', 'what is cached is asked about', get('/data.bin'), {
    status: 200,
    fields: { 'cache-control': 'no-cache' }
  }),
  answered('9110 15.5.5', 'an error is JSON for a program', get('/none'), {
    status: 404,
    fields: {
      'content-type': 'application/problem+json',
      vary: 'Accept',
      'cache-control': 'no-store'
    },
    body: /"status": 404/
  }),
  answered('9110 12.5.1', 'an error is JSON for anything', get('/none', 'Accept: */*'), {
    status: 404,
    fields: { 'content-type': 'application/problem+json' }
  }),
  answered(
    '9110 12.5.1',
    'an error is HTML for a browser',
    get('/none', 'Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8'),
    {
      status: 404,
      fields: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': /default-src 'none'/
      }
    }
  ),
  answered(
    '9110 12.5.1',
    'an error is JSON for who refuses HTML',
    get('/none', 'Accept: text/html;q=0'),
    { status: 404, fields: { 'content-type': 'application/problem+json' } }
  ),
  answered(
    '9110 12.5.1',
    'an error is JSON for who asks for it',
    get('/none', 'Accept: application/problem+json'),
    { status: 404, fields: { 'content-type': 'application/problem+json' } }
  ),
  answered(
    '9110 15.5.5',
    'nothing of the path becomes markup',
    get('/<script>', 'Accept: text/html'),
    { status: 404, body: /^(?!.*<script>)/s }
  ),
  {
    section: '9112 2.2',
    name: 'an error of the parser is HTML for a browser',
    send: get('/', 'Accept: text/html', 'X : y'),
    expect: [
      { status: 400, fields: { 'content-type': 'text/html; charset=utf-8', connection: 'close' } }
    ],
    connection: 'closed'
  },
  {
    section: '9110 9.3.2',
    name: 'an error for HEAD has the fields of one for GET',
    send: head('/none'),
    expect: [{ status: 404, isHead: true, fields: { 'content-type': 'application/problem+json' } }],
    connection: 'open'
  },
  answered(
    '9110 7.6.3',
    'a request that came through here before',
    get('/', 'Via: 1.1 somebody'),
    HELLO
  )
]

testRows(newSite(), [...HOSTS, ...SYNTAX, ...ANSWERS])
