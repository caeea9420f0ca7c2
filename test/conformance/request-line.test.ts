import { get, lines, request } from './request.ts'
import { testRows, type Expected, type Row } from './rows.ts'
import { newSite } from './site.ts'

const HOST = 'Host: localhost'
const HELLO: Expected = { status: 200, body: 'hello' }
const NEXT = get('/')
const ALLOW = { allow: /^GET, HEAD, OPTIONS/ }

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

const LINES: Row[] = [
  answered('9112 2.2', 'one empty line before the request', `\r\n${get('/')}`, HELLO),
  answered('9112 2.2', 'several empty lines before the request', `\r\n\r\n\r\n${get('/')}`, HELLO),
  answered('9112 2.2', 'an empty line between two requests', `${get('/')}\r\n`, HELLO),
  answered(
    '9112 3',
    'several spaces after the method may be read as one',
    `GET  / HTTP/1.1\r\n${HOST}\r\n\r\n`,
    HELLO
  ),
  answered(
    '9112 3',
    'several spaces before the version may be read as one',
    `GET /  HTTP/1.1\r\n${HOST}\r\n\r\n`,
    HELLO
  ),
  refused('9112 3', 'a tab after the method', `GET\t/ HTTP/1.1\r\n${HOST}\r\n\r\n`),
  refused('9112 3', 'a tab before the version', `GET /\tHTTP/1.1\r\n${HOST}\r\n\r\n`),
  refused('9112 3', 'a space before the method', ` GET / HTTP/1.1\r\n${HOST}\r\n\r\n`),
  refused('9112 3', 'a space after the version', `GET / HTTP/1.1 \r\n${HOST}\r\n\r\n`),
  refused('9112 3', 'a fourth word', `GET / HTTP/1.1 x\r\n${HOST}\r\n\r\n`),
  refused('9112 3', 'no target', `GET HTTP/1.1\r\n${HOST}\r\n\r\n`, [400, 505]),
  refused('9112 3', 'an empty target', `GET  HTTP/1.1\r\n${HOST}\r\n\r\n`, [400, 505]),
  refused('9112 3', 'no version', `GET /\r\n${HOST}\r\n\r\n`, [400, 505]),
  refused('9112 3', 'an empty version', `GET / \r\n${HOST}\r\n\r\n`, [400, 505]),
  refused('9112 3', 'only a method', 'GET\r\n\r\n'),
  refused('9112 2.2', 'the line ends in a bare LF', `GET / HTTP/1.1\n${HOST}\r\n\r\n`),
  refused('9112 2.2', 'the line ends in a bare CR', `GET / HTTP/1.1\r${HOST}\r\n\r\n`),
  refused('9112 2.2', 'the line ends in CR CR LF', `GET / HTTP/1.1\r\r\n${HOST}\r\n\r\n`),
  refused('9112 2.2', 'blanks before the first field', `GET / HTTP/1.1\r\n ${HOST}\r\n\r\n`),
  refused('9112 3', 'NUL in the target', `GET /\0 HTTP/1.1\r\n${HOST}\r\n\r\n`),
  refused('9112 3', 'a control character in the target', `GET /\x01 HTTP/1.1\r\n${HOST}\r\n\r\n`),
  refused('9112 3', 'DEL in the target', `GET /\x7f HTTP/1.1\r\n${HOST}\r\n\r\n`),
  refused('9112 3', 'a bare CR in the target', `GET /\rx HTTP/1.1\r\n${HOST}\r\n\r\n`),
  refused(
    '9112 3',
    'a byte order mark before the method',
    `\xef\xbb\xbfGET / HTTP/1.1\r\n${HOST}\r\n\r\n`
  ),
  refused('9112 3', 'rubbish', 'rubbish\r\n\r\n'),
  refused('9112 3', 'a handshake of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  refused('9113 3.4', 'the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 501, 505])
]

const VERSIONS: Row[] = [
  ...['2.0', '3.0', '1.2', '1.9', '9.9', '0.9', '0.0', '4.2'].map(version =>
    refused('9110 15.6.6', `HTTP/${version}`, `GET / HTTP/${version}\r\n${HOST}\r\n\r\n`, 505)
  ),
  ...['1', '1.', '.1', '1.10', '01.1', '1,1', '-1.1', '1.x', 'x.1', '11', ' 1.1', '1.1x'].map(
    version =>
      refused('9112 2.3', `HTTP/${version}`, `GET / HTTP/${version}\r\n${HOST}\r\n\r\n`, [400, 505])
  ),
  refused('9112 2.3', 'the name in lower case', `GET / http/1.1\r\n${HOST}\r\n\r\n`, [400, 505]),
  refused('9112 2.3', 'the name in mixed case', `GET / Http/1.1\r\n${HOST}\r\n\r\n`, [400, 505]),
  refused('9112 2.3', 'another name', `GET / HTTPS/1.1\r\n${HOST}\r\n\r\n`, [400, 505])
]

const METHODS: Row[] = [
  {
    section: '9110 9.3.2',
    name: 'HEAD has the fields of GET and no content',
    send: request('HEAD', '/', [HOST].slice(1)) + NEXT,
    expect: [
      {
        status: 200,
        isHead: true,
        fields: { 'content-length': '5', 'content-type': 'text/html; charset=utf-8' }
      },
      HELLO
    ],
    connection: 'open'
  },
  {
    section: '9110 9.3.2',
    name: 'HEAD of what is missing',
    send: request('HEAD', '/none', []) + NEXT,
    expect: [{ status: 404, isHead: true }, HELLO],
    connection: 'open'
  },
  {
    section: '9110 9.3.2',
    name: 'HEAD of what is read from the disk',
    send: request('HEAD', '/large.bin', []) + NEXT,
    expect: [{ status: 200, isHead: true, fields: { 'content-length': '200000' } }, HELLO],
    connection: 'open'
  },
  answered('9110 9.3.7', 'OPTIONS tells what is allowed', request('OPTIONS', '/', []), {
    status: 204,
    fields: ALLOW
  }),
  answered('9110 9.3.7', 'OPTIONS * is about the server', request('OPTIONS', '*', []), {
    status: 204,
    fields: ALLOW
  }),
  answered('9110 9.3.7', 'OPTIONS of what is missing', request('OPTIONS', '/none', []), {
    status: [204, 404]
  }),
  ...['POST', 'PATCH'].map(method =>
    answered(
      '9110 15.5.6',
      `${method} is known and not allowed`,
      request(method, '/', ['Content-Length: 0']),
      { status: 405, fields: ALLOW }
    )
  ),
  answered('9110 9.3.8', 'TRACE sends nothing back', request('TRACE', '/', ['Cookie: secret']), {
    status: 405,
    fields: ALLOW,
    body: /^(?!.*secret)/s
  }),
  refused(
    '9110 9.3.6',
    'CONNECT in its own form',
    lines('CONNECT localhost:443 HTTP/1.1', 'Host: localhost:443'),
    405
  ),
  refused(
    '9110 9.3.6',
    'CONNECT without a port',
    lines('CONNECT localhost HTTP/1.1', HOST),
    [400, 405]
  ),
  refused('9110 9.3.6', 'CONNECT with a path', lines('CONNECT / HTTP/1.1', HOST), [400, 405]),
  ...['FROB', 'GETT', 'GE', 'get', 'Get', 'X', 'M-SEARCHX', "!#$%&'*+-.^_`|~"].map(
    (method): Row => ({
      section: '9110 9.1',
      name: `the method ${method} is not known`,
      send: request(method, '/', []),
      expect: [501]
    })
  ),
  ...['MKCOL', 'PROPFIND', 'LOCK', 'PURGE', 'REPORT', 'QUERY'].map((method): Row => ({
    section: '9110 9.1',
    name: `the method ${method} of another protocol is not known`,
    send: request(method, '/', []),
    expect: [501]
  })),
  {
    section: '9110 9.1',
    name: 'a method of 9,000 letters',
    send: request('A'.repeat(9000), '/', []),
    expect: [{ status: [400, 501] }],
    connection: 'closed'
  },
  ...['G(T', 'G[T', 'G{T', 'G"T', 'G/T', 'G@T', 'G,T', 'G\\T', 'G\xe4T', 'G\0T'].map(method =>
    refused(
      '9110 5.6.2',
      `the method ${JSON.stringify(method)} is no token`,
      request(method, '/', []),
      [400, 501]
    )
  )
]

const TARGETS: Row[] = [
  answered('9112 3.2.1', 'a path with a query', get('/?a=b&c=/../d?e'), HELLO),
  answered('9112 3.2.1', 'an empty query', get('/?'), HELLO),
  answered('9112 3.2.2', 'the absolute form', get('http://localhost/'), HELLO),
  answered('9112 3.2.2', 'the absolute form with a port', get('http://localhost:8010/'), HELLO),
  answered('9112 3.2.2', 'the absolute form without a path', get('http://localhost'), HELLO),
  answered(
    '9112 3.2.2',
    'the absolute form without a path, with a query',
    get('http://localhost?a=b'),
    HELLO
  ),
  answered('9112 3.2.2', 'the scheme in another case', get('HTTP://LOCALHOST/'), HELLO),
  answered(
    '9112 3.2.2',
    'the authority overrides the Host',
    lines('GET http://localhost/ HTTP/1.1', 'Host: evil.example'),
    HELLO
  ),
  answered('9112 3.2.2', 'a foreign authority with our Host', get('http://evil.example/'), 421),
  answered('9112 3.2.2', 'an authority with user information', get('http://user@localhost/'), 400),
  answered('9112 3.2.2', 'an empty authority', get('http:///'), 400),
  answered('9112 3.2.2', 'the absolute form of what is missing', get('http://localhost/none'), 404),
  answered('9112 3.2.4', 'the asterisk for GET', get('*'), 400),
  {
    section: '9112 3.2.4',
    name: 'the asterisk for HEAD',
    send: request('HEAD', '*', []) + NEXT,
    expect: [{ status: 400, isHead: true }, HELLO],
    connection: 'open'
  },
  refused('9112 3.2.3', 'the authority form for GET', get('localhost:80')),
  refused('9112 3.2', 'a relative path', get('page.html')),
  answered('9112 3.2', 'another scheme', get('ftp://localhost/'), 400),
  answered('9112 3.2', 'a fragment', get('/#top'), 400),
  answered('9112 3.2', 'a fragment behind a query', get('/?a#top'), 400),
  answered('9112 3.2', 'a fragment in the absolute form', get('http://localhost/#top'), 400),
  answered('9110 4.1', 'a target of 8,000 bytes', get(`/?${'x'.repeat(7998)}`), HELLO),
  answered('9110 15.5.15', 'a target over 8 KiB', get(`/${'x'.repeat(9000)}`), 414),
  answered('9110 15.5.15', 'a query over 8 KiB', get(`/?${'x'.repeat(9000)}`), 414),
  answered('9110 15.5.15', 'a target of 20,000 bytes', get(`/${'x'.repeat(20_000)}`), 414),
  refused('9110 15.5.15', 'a target of 100,000 bytes', get(`/${'x'.repeat(100_000)}`), [414, 431]),
  answered('3986 2.1', 'an escape that is no number', get('/%zz'), 400),
  answered('3986 2.1', 'a lone percent sign', get('/%'), 400),
  answered('3986 2.1', 'half an escape', get('/%4'), 400),
  answered('3986 2.1', 'escapes that are no UTF-8', get('/%ff%fe'), 400),
  answered('3986 2.1', 'an overlong form of a slash', get('/%c0%af'), 400),
  answered('3986 2.1', 'a surrogate', get('/%ed%a0%80'), 400),
  answered('3986 2.3', 'letters that are escaped without need', get('/%64%61ta%2ebin'), {
    status: 200,
    fields: { 'content-length': '1000' }
  }),
  answered('3986 2.1', 'escapes in lower case', get('/%c3%a4%20b.txt'), {
    status: 200,
    body: 'umlaut'
  }),
  answered('3986 2.1', 'escapes in upper case', get('/%C3%A4%20b.txt'), {
    status: 200,
    body: 'umlaut'
  }),
  answered('3986 3.3', 'a plus sign stands for itself', get('/a+b.txt'), {
    status: 200,
    body: 'plus'
  }),
  answered('3986 2.4', 'an escaped percent sign', get('/100%25.txt'), {
    status: 200,
    body: 'percent'
  }),
  answered('3986 3.3', 'marks that a path may hold', get("/a;b=c,d'(e)!.txt"), {
    status: 200,
    body: 'marks'
  }),
  answered('3986 2.4', 'what was decoded is not decoded again', get('/100%2525.txt'), 404),
  ...[
    '/../x',
    '/docs/../index.html',
    '/./index.html',
    '/%2e%2e/x',
    '/%2E./x',
    '/docs/..',
    '/..'
  ].map(target => answered('3986 5.2.4', `dot segments lead nowhere: ${target}`, get(target), 400)),
  ...[
    '/docs%2findex.html',
    '/docs%2Findex.html',
    '/docs%5cindex.html',
    '/docs\\index.html',
    '/%00',
    '/data.bin%00.html'
  ].map(target => answered('3986 7.3', `no second meaning of ${target}`, get(target), 400)),
  answered('9110 4.2.3', 'an empty segment', get('//'), 404),
  answered('9110 4.2.3', 'what looks like an authority is a path', get('//evil.example/'), 404),
  answered('9110 4.2.3', 'a file is no folder', get('/data.bin/'), 404),
  answered('9110 4.2.3', 'a name of 300 bytes', get(`/${'x'.repeat(300)}`), 404),
  answered('9110 15.4.2', 'a folder without its slash', get('/docs?a=b'), {
    status: 301,
    fields: { location: './docs/?a=b' }
  }),
  answered('9110 15.4.2', 'an escaped folder name in the redirect', get('/%64ocs'), {
    status: 301,
    fields: { location: './%64ocs/' }
  }),
  answered('8615 3', 'a hidden file', get('/.env'), 404)
]

testRows(newSite(), [...LINES, ...VERSIONS, ...METHODS, ...TARGETS])
