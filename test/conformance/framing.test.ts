import { get, lines, post, request } from './request.ts'
import { testRows, type Expected, type Row } from './rows.ts'
import { newSite } from './site.ts'

const CHUNKED = 'Transfer-Encoding: chunked'
const HELLO: Expected = { status: 200, body: 'hello' }
const ECHO: Expected = { status: 200, body: 'hello' }
const NEXT = get('/')

/** A message that cannot be framed: answered 400, and nothing after it is read. */
function refused(section: string, name: string, send: string): Row {
  return { section, name, send: send + NEXT, expect: [400], connection: 'closed' }
}

function echoed(section: string, name: string, send: string): Row {
  return { section, name, send: send + NEXT, expect: [ECHO, HELLO], connection: 'open' }
}

const LENGTHS: Row[] = [
  echoed('9112 6.2', 'Content-Length frames the content', post('hello', 'Content-Length: 5')),
  echoed('9112 6.2', 'a length with leading zeros', post('hello', 'Content-Length: 0005')),
  echoed('9112 5.1', 'a length with blanks around it', post('hello', 'Content-Length:  5 \t')),
  echoed('9110 5.1', 'the name in another case', post('hello', 'cOnTeNt-LeNgTh: 5')),
  {
    section: '9112 6.3',
    name: 'no length and no coding: no content',
    send: post('', 'X: y') + NEXT,
    expect: [{ status: 200, body: '' }, HELLO],
    connection: 'open'
  },
  {
    section: '9112 6.2',
    name: 'a length of 0',
    send: post('', 'Content-Length: 0') + NEXT,
    expect: [{ status: 200, body: '' }, HELLO],
    connection: 'open'
  },
  {
    section: '9110 9.3.1',
    name: 'the content of a GET is read and has no meaning',
    send: `${get('/', 'Content-Length: 5')}hello${NEXT}`,
    expect: [HELLO, HELLO],
    connection: 'open'
  },
  {
    section: '9110 9.3.1',
    name: 'the chunked content of a GET is read and has no meaning',
    send: `${get('/', CHUNKED)}5\r\nhello\r\n0\r\n\r\n${NEXT}`,
    expect: [HELLO, HELLO],
    connection: 'open'
  },
  ...[
    ['a negative length', '-5'],
    ['a length with a plus sign', '+5'],
    ['a length that is no number', 'abc'],
    ['an empty length', ''],
    ['a hexadecimal length', '0x5'],
    ['a length with a fraction', '5.0'],
    ['a length with an exponent', '5e0'],
    ['a length over 64 bits', '18446744073709551621'],
    ['a length of many digits', '99999999999999999999999999999999'],
    ['a negative length over 64 bits', '-18446744073709551611'],
    ['two equal lengths in one field', '5, 5'],
    ['two lengths in one field', '5, 6'],
    ['a length with a blank in it', '5 5'],
    ['a length with an underscore', '1_0'],
    ['a length in quotes', '"5"'],
    ['a length with a semicolon', '5;'],
    ['a length with a vertical tab', '5\v'],
    ['a length of digits that are not ASCII', '\xb2']
  ].map(([name = '', value = '']) =>
    refused('9112 6.3', name, post('hello', `Content-Length: ${value}`))
  ),
  refused('9112 6.3', 'two lengths', post('hello', 'Content-Length: 5', 'Content-Length: 6')),
  refused('9112 6.3', 'two equal lengths', post('hello', 'Content-Length: 5', 'Content-Length: 5')),
  refused('9112 6.3', 'a length on a GET that is no number', get('/', 'Content-Length: x'))
]

const CODINGS: Row[] = [
  echoed('9112 7.1', 'one chunk', post('5\r\nhello\r\n0\r\n\r\n', CHUNKED)),
  echoed('9112 7.1', 'several chunks', post('2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', CHUNKED)),
  echoed(
    '9112 7.1',
    'the coding in another case',
    post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding: ChUnKeD')
  ),
  echoed('9112 7.1', 'a size with leading zeros', post('0005\r\nhello\r\n0\r\n\r\n', CHUNKED)),
  echoed('9112 7.1', 'a last chunk of several zeros', post('5\r\nhello\r\n000\r\n\r\n', CHUNKED)),
  echoed('9112 7.1.1', 'an extension without a value', post('5;a\r\nhello\r\n0\r\n\r\n', CHUNKED)),
  echoed('9112 7.1.1', 'an extension with a value', post('5;a=b\r\nhello\r\n0\r\n\r\n', CHUNKED)),
  echoed(
    '9112 7.1.1',
    'an extension with a quoted value',
    post('5;a="b;c"\r\nhello\r\n0\r\n\r\n', CHUNKED)
  ),
  echoed('9112 7.1.1', 'several extensions', post('5;a=b;c=d\r\nhello\r\n0;e\r\n\r\n', CHUNKED)),
  echoed('9112 7.1.2', 'a trailer field is read', post('5\r\nhello\r\n0\r\nX: y\r\n\r\n', CHUNKED)),
  refused(
    '9110 6.5.1',
    'a length in the trailer',
    post('5\r\nhello\r\n0\r\nContent-Length: 900\r\n\r\n', CHUNKED)
  ),
  echoed(
    '9110 6.5.1',
    'a Host in the trailer changes nothing',
    post('5\r\nhello\r\n0\r\nHost: evil.example\r\n\r\n', CHUNKED)
  ),
  {
    section: '9112 7.1',
    name: 'a size in hexadecimal of either case',
    send: `${post('', CHUNKED)}A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n${NEXT}`,
    expect: [{ status: 200, body: '01234567890123456789' }, HELLO],
    connection: 'open'
  },
  {
    section: '9112 7.1',
    name: 'no chunk but the last',
    send: `${post('', CHUNKED)}0\r\n\r\n${NEXT}`,
    expect: [{ status: 200, body: '' }, HELLO],
    connection: 'open'
  },
  ...[
    ['a size that is no number', 'x\r\nhello\r\n0\r\n\r\n'],
    ['an empty size', '\r\nhello\r\n0\r\n\r\n'],
    ['a negative size', '-5\r\nhello\r\n0\r\n\r\n'],
    ['a size with a plus sign', '+5\r\nhello\r\n0\r\n\r\n'],
    ['a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'],
    ['a size over 64 bits', '10000000000000005\r\nhello\r\n0\r\n\r\n'],
    ['a size of many digits', 'fffffffffffffffffffffffff\r\nhello\r\n0\r\n\r\n'],
    ['a blank before the size', ' 5\r\nhello\r\n0\r\n\r\n'],
    ['a blank after the size', '5 \r\nhello\r\n0\r\n\r\n'],
    ['a size with an underscore', '0_5\r\nhello\r\n0\r\n\r\n'],
    ['a size that ends in a bare LF', '5\nhello\r\n0\r\n\r\n'],
    ['a size that ends in a bare CR', '5\rhello\r\n0\r\n\r\n'],
    ['content longer than its size', '4\r\nhello\r\n0\r\n\r\n'],
    ['content that ends in a bare LF', '5\r\nhello\n0\r\n\r\n'],
    ['content that ends in nothing', '5\r\nhello0\r\n\r\n'],
    ['an extension that ends in a bare LF', '5;a\nhello\r\n0\r\n\r\n'],
    ['an extension with a bare CR', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
    ['an extension with a control character', '5;a=\x01\r\nhello\r\n0\r\n\r\n'],
    ['an extension with an open quote', '5;a="b\r\nhello\r\n0\r\n\r\n'],
    ['a trailer with a blank before the colon', '5\r\nhello\r\n0\r\nX : y\r\n\r\n'],
    ['a trailer without a colon', '5\r\nhello\r\n0\r\nX\r\n\r\n'],
    ['a trailer that ends in a bare LF', '5\r\nhello\r\n0\r\nX: y\n\r\n']
  ].map(([name = '', content = '']) => refused('9112 7.1', name, post(content, CHUNKED))),
  {
    section: '9112 7.1.1',
    name: 'extensions without end',
    send: post(`5;${'a'.repeat(40_000)}\r\nhello\r\n0\r\n\r\n`, CHUNKED),
    expect: [{ status: [400, 413] }],
    connection: 'closed'
  },
  {
    section: '9112 7.1.2',
    name: 'a trailer without end',
    send: post(`5\r\nhello\r\n0\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`, CHUNKED),
    expect: [{ status: [400, 413, 431] }],
    connection: 'closed'
  },
  refused(
    '9112 6.3',
    'a length and chunked',
    post('5\r\nhello\r\n0\r\n\r\n', 'Content-Length: 5', CHUNKED)
  ),
  refused(
    '9112 6.3',
    'chunked and a length',
    post('5\r\nhello\r\n0\r\n\r\n', CHUNKED, 'Content-Length: 5')
  ),
  refused(
    '9112 6.1',
    'chunked twice',
    post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding: chunked, chunked')
  ),
  refused(
    '9112 6.1',
    'chunked twice in two fields',
    post('5\r\nhello\r\n0\r\n\r\n', CHUNKED, CHUNKED)
  ),
  refused(
    '9112 6.3',
    'chunked is not the last coding',
    post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding: chunked, gzip')
  ),
  refused('9112 6.1', 'an empty coding', post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding:')),
  refused(
    '9112 6.1',
    'a coding and then an empty one',
    post('5\r\nhello\r\n0\r\n\r\n', CHUNKED, 'Transfer-Encoding:')
  ),
  refused(
    '9112 6.1',
    'chunked in quotes',
    post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding: "chunked"')
  ),
  refused(
    '9112 6.1',
    'chunked with a parameter',
    post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding: chunked;a=b')
  ),
  refused(
    '9112 6.1',
    'chunked after a vertical tab',
    post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding: \vchunked')
  ),
  refused(
    '9112 5.1',
    'chunked with a blank before the colon',
    post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding : chunked')
  ),
  refused(
    '9112 5.2',
    'chunked on a folded line',
    post('5\r\nhello\r\n0\r\n\r\n', 'Transfer-Encoding:\r\n chunked')
  ),
  refused(
    '9112 6.1',
    'chunked in HTTP/1.0',
    `${lines('POST /echo HTTP/1.0', 'Host: localhost', 'Connection: keep-alive', CHUNKED)}5\r\nhello\r\n0\r\n\r\n`
  ),
  ...[
    'gzip, chunked',
    'deflate, chunked',
    'compress, chunked',
    'x-unknown, chunked',
    'gzip,chunked'
  ].map((coding): Row => ({
    section: '9112 6.1',
    name: `${coding} is not implemented`,
    send: post('5\r\nhello\r\n0\r\n\r\n', `Transfer-Encoding: ${coding}`),
    expect: [501],
    connection: 'closed'
  })),
  ...['gzip', 'identity', 'xchunked', 'chunkedx', 'x'].map((coding): Row => ({
    section: '9112 6.3',
    name: `${coding} without chunked leaves the length unknown`,
    send: post('5\r\nhello\r\n0\r\n\r\n', `Transfer-Encoding: ${coding}`),
    expect: [{ status: [400, 501] }],
    connection: 'closed'
  }))
]

const UNREAD: Row[] = ['POST', 'PATCH'].map(method => ({
  section: '9112 9.3',
  name: `the content of a refused ${method} is read over`,
  send: `${request(method, '/', ['Content-Length: 5'])}hello${NEXT}`,
  expect: [405, HELLO],
  connection: 'open'
}))

testRows(newSite(), [...LENGTHS, ...CODINGS, ...UNREAD])
