import { get, request } from './request.ts'
import { testRows, type Expected, type Row } from './rows.ts'
import { MODIFIED, newSite } from './site.ts'

const NEXT = get('/')
const HELLO: Expected = { status: 200, body: 'hello' }
const TOKEN = 'correct-horse'
const OWNER = `Authorization: Bearer ${TOKEN}`
const CREATED: Expected = { status: 201, fields: { etag: /^"[^"]+"$/, 'last-modified': / GMT$/ } }
const REPLACED: Expected = { status: 204, fields: { etag: /^"[^"]+"$/ } }
const ASKS_FOR_TOKEN = { 'www-authenticate': /^Bearer realm="Plexnet"/ }
const LENGTH = 'Content-Length: 3'
const CONTINUE = 'Expect: 100-continue'

/** `new` was sent, and then the document is asked for. */
function put(
  name: string,
  section: string,
  target: string,
  fields: string[],
  ...expected: (number | Expected)[]
): Row {
  return {
    section,
    name,
    send: `${request('PUT', target, [OWNER, LENGTH, ...fields])}new${get(target)}`,
    expect: expected,
    connection: 'open'
  }
}

function refused(
  name: string,
  section: string,
  method: string,
  target: string,
  fields: string[],
  expected: number | Expected
): Row {
  return {
    section,
    name,
    send: request(method, target, fields) + NEXT,
    expect: [expected, HELLO],
    connection: 'open'
  }
}

const NEW: Expected = { status: 200, body: 'new' }

const CHANGES: Row[] = [
  put('a new document', '9110 9.3.4', '/put/1.txt', [], CREATED, NEW),
  put('a new document in new folders', '9110 9.3.4', '/put/a/b/c.txt', [], CREATED, NEW),
  put('a name in UTF-8', '9110 9.3.4', '/put/%C3%A4%20%25.txt', [], CREATED, NEW),
  put('a query has no meaning', '9110 9.3.4', '/put/2.txt?a=b', [], CREATED, NEW),
  {
    section: '9110 9.3.4',
    name: 'a document is replaced',
    send: `${request('PUT', '/put/3.txt', [OWNER, 'Content-Length: 9'])}the first${get('/put/3.txt')}${request('PUT', '/put/3.txt', [OWNER, LENGTH])}new${get('/put/3.txt')}`,
    expect: [CREATED, { status: 200, body: 'the first' }, REPLACED, NEW],
    connection: 'open'
  },
  {
    section: '9112 7.1',
    name: 'chunked content',
    send: `${request('PUT', '/put/4.txt', [OWNER, 'Transfer-Encoding: chunked'])}1\r\nn\r\n2\r\new\r\n0\r\n\r\n${get('/put/4.txt')}`,
    expect: [CREATED, NEW],
    connection: 'open'
  },
  {
    section: '9110 10.1.1',
    name: 'content that is wanted is asked for',
    send: `${request('PUT', '/put/5.txt', [OWNER, LENGTH, CONTINUE])}new${get('/put/5.txt')}`,
    expect: [100, CREATED, NEW],
    connection: 'open'
  },
  {
    section: '9110 9.3.4',
    name: 'an empty document',
    send: request('PUT', '/put/6.txt', [OWNER, 'Content-Length: 0']) + get('/put/6.txt'),
    expect: [CREATED, { status: 200, body: '' }],
    connection: 'open'
  },
  {
    section: '9110 9.3.5',
    name: 'a document is deleted',
    send: `${request('PUT', '/put/7.txt', [OWNER, LENGTH])}new${get('/put/7.txt')}${request('DELETE', '/put/7.txt', [OWNER])}${get('/put/7.txt')}${request('DELETE', '/put/7.txt', [OWNER])}`,
    expect: [CREATED, NEW, 204, 404, 404],
    connection: 'open'
  },
  put(
    'If-None-Match: * where nothing is',
    '9110 13.1.2',
    '/put/8.txt',
    ['If-None-Match: *'],
    CREATED,
    NEW
  ),
  put(
    'If-None-Match: * where a document is',
    '9110 13.1.2',
    '/data.bin',
    ['If-None-Match: *'],
    412,
    { status: 200, fields: { 'content-length': '1000' } }
  ),
  put('If-Match where nothing is', '9110 13.1.1', '/put/9.txt', ['If-Match: "x"'], 412, 404),
  put('If-Match: * where nothing is', '9110 13.1.1', '/put/10.txt', ['If-Match: *'], 412, 404),
  put('If-Match with another tag', '9110 13.1.1', '/data.bin', ['If-Match: "x"'], 412, {
    status: 200,
    fields: { 'content-length': '1000' }
  }),
  put(
    'If-Match with the tag',
    '9110 13.1.1',
    '/large.bin',
    ['If-Match: {etag:/large.bin}'],
    REPLACED,
    NEW
  ),
  put(
    'If-Unmodified-Since before the change',
    '9110 13.1.4',
    '/data.bin',
    ['If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT'],
    412,
    { status: 200, fields: { 'content-length': '1000' } }
  ),
  put(
    'If-Unmodified-Since with the date',
    '9110 13.1.4',
    '/empty',
    [`If-Unmodified-Since: ${MODIFIED}`],
    REPLACED,
    NEW
  ),
  put('a part of a document', '9110 14.5', '/data.bin', ['Content-Range: bytes 0-2/1000'], 400, {
    status: 200,
    fields: { 'content-length': '1000' }
  }),
  put('coded content', '9110 15.5.16', '/put/11.txt', ['Content-Encoding: gzip'], 415, 404),
  put('a folder has the name', '9110 15.5.10', '/docs', [], 409, 301),
  put('a file stands where a folder would be', '9110 15.5.10', '/data.bin/x', [], 409, 404),
  put('a hidden name', '8615 3', '/.env', [], 403, 404),
  put('a way out of the folder', '3986 5.2.4', '/../x', [], 400, 400),
  put('a hidden way out of the folder', '3986 5.2.4', '/%2e%2e/x', [], 400, 400),
  put('an escaped slash', '3986 2.2', '/a%2fb', [], 400, 400),
  put('a name that is too long', '9110 15.5.4', `/${'x'.repeat(300)}`, [], 403, 404),
  {
    section: '9110 9.3.4',
    name: 'a folder is no document',
    send: `${request('PUT', '/put/', [OWNER, LENGTH])}new${NEXT}`,
    expect: [409, HELLO],
    connection: 'open'
  },
  refused('a folder is not deleted', '9110 9.3.5', 'DELETE', '/docs', [OWNER], 409),
  refused(
    'DELETE with another tag',
    '9110 13.1.1',
    'DELETE',
    '/data.bin',
    [OWNER, 'If-Match: "x"'],
    412
  )
]

const REFUSALS: Row[] = [
  refused('PUT by nobody', '9110 15.5.2', 'PUT', '/data.bin', ['Content-Length: 0'], {
    status: 401,
    fields: ASKS_FOR_TOKEN
  }),
  refused('DELETE by nobody', '9110 15.5.2', 'DELETE', '/data.bin', [], {
    status: 401,
    fields: ASKS_FOR_TOKEN
  }),
  refused('DELETE of what is missing by nobody', '9110 15.5.2', 'DELETE', '/none', [], {
    status: 401,
    fields: ASKS_FOR_TOKEN
  }),
  refused('another token', '6750 3.1', 'DELETE', '/data.bin', ['Authorization: Bearer x'], {
    status: 401,
    fields: { 'www-authenticate': /error="invalid_token"/ }
  }),
  refused(
    'the beginning of the token',
    '6750 3.1',
    'DELETE',
    '/data.bin',
    ['Authorization: Bearer correct'],
    401
  ),
  refused('no token at all', '6750 3.1', 'DELETE', '/data.bin', ['Authorization: Bearer'], 401),
  refused(
    'another scheme',
    '9110 11.6.2',
    'DELETE',
    '/data.bin',
    [`Authorization: Basic ${TOKEN}`],
    401
  ),
  refused(
    'the token over a connection that others can read',
    '6750 5.3',
    'DELETE',
    '/data.bin',
    [OWNER, 'X-Forwarded-For: 203.0.113.9'],
    403
  ),
  {
    section: '9110 10.1.1',
    name: 'content of somebody else is not asked for',
    send: request('PUT', '/data.bin', [LENGTH, CONTINUE]),
    expect: [{ status: 401, fields: { connection: 'close' } }],
    connection: 'closed'
  },
  {
    section: '9110 10.1.1',
    name: 'content under a false condition is not asked for',
    send: request('PUT', '/data.bin', [OWNER, LENGTH, CONTINUE, 'If-Match: "x"']),
    expect: [{ status: 412, fields: { connection: 'close' } }],
    connection: 'closed'
  },
  {
    section: '9110 15.5.14',
    name: 'content that is known to be too large is not asked for',
    send: request('PUT', '/data.bin', [OWNER, 'Content-Length: 1000001', CONTINUE]),
    expect: [413],
    connection: 'closed'
  },
  {
    section: '9110 15.5.14',
    name: 'content that turns out to be too large changes nothing',
    send: `${request('PUT', '/data.bin', [OWNER, 'Transfer-Encoding: chunked'])}1e8480\r\n${'x'.repeat(2_000_000)}\r\n0\r\n\r\n`,
    expect: [413],
    connection: 'closed'
  },
  {
    section: '9112 8',
    name: 'content that breaks off changes nothing',
    send: `${request('PUT', '/data.bin', [OWNER, 'Content-Length: 9'])}new`,
    halfCloses: true,
    expect: [400],
    connection: 'closed'
  },
  refused('the document stands as it was', '9110 9.3.4', 'GET', '/data.bin', [], {
    status: 200,
    fields: { 'content-length': '1000' }
  })
]

const ROWS: Row[] = [...CHANGES, ...REFUSALS]

const OPTIONS = { ownerToken: TOKEN, limits: { maxUploadSize: 1_000_000 } }

testRows(newSite(OPTIONS), ROWS, newSite(OPTIONS))
