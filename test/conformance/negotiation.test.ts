import { get, head } from './request.ts'
import { testRows, type Expected, type Row } from './rows.ts'
import { newSite } from './site.ts'

const NEXT = get('/')
const HELLO: Expected = { status: 200, body: 'hello' }
const PAGE_SIZE = '3600'
const PLAIN: Expected = {
  status: 200,
  body: /^<p>A page/,
  fields: { 'content-encoding': undefined, vary: 'Accept-Encoding', 'content-length': PAGE_SIZE }
}

function row(
  section: string,
  name: string,
  target: string,
  fields: string[],
  expected: number | Expected
): Row {
  return {
    section,
    name,
    send: get(target, ...fields) + NEXT,
    expect: [expected, HELLO],
    connection: 'open'
  }
}

function coded(coding: string): Expected {
  return {
    status: 200,
    fields: {
      'content-encoding': coding,
      'content-length': /^\d{2,3}$/,
      'content-type': 'text/html; charset=utf-8',
      vary: 'Accept-Encoding',
      etag: new RegExp(`^"[^"]+-${coding}"$`)
    }
  }
}

const CHOICES: [string, string | undefined, Expected | number][] = [
  ['no field', undefined, PLAIN],
  ['an empty field', '', PLAIN],
  ['br', 'br', coded('br')],
  ['gzip', 'gzip', coded('gzip')],
  ['zstd', 'zstd', coded('zstd')],
  ['x-gzip is gzip', 'x-gzip', coded('gzip')],
  ['the name in another case', 'GZip', coded('gzip')],
  ['what browsers send', 'gzip, deflate, br, zstd', coded('br')],
  ['without br', 'gzip, deflate', coded('gzip')],
  ['anything', '*', coded('br')],
  ['what nobody knows', 'frob', PLAIN],
  ['deflate alone', 'deflate', PLAIN],
  ['identity', 'identity', PLAIN],
  ['the greater weight', 'br;q=0.5, gzip;q=0.8', coded('gzip')],
  ['blanks around the weight', 'br ; q=0.1 , gzip ; q=1', coded('gzip')],
  ['identity preferred', 'identity, br;q=0.5', PLAIN],
  ['a weight of 0', 'br;q=0, gzip', coded('gzip')],
  ['a weight of 0.000', 'br;q=0.000, gzip', coded('gzip')],
  ['all weights 0 but identity', 'br;q=0, gzip;q=0, zstd;q=0', PLAIN],
  ['a star for the others', 'gzip;q=0.1, *;q=0.9', coded('br')],
  ['no other than gzip', 'gzip, *;q=0', coded('gzip')],
  ['identity refused, br taken', 'br, identity;q=0', coded('br')],
  ['identity named beside a refused star', 'identity, *;q=0', PLAIN],
  ['identity refused alone', 'identity;q=0', 406],
  ['all refused', '*;q=0', 406],
  ['identity and all known refused', 'identity;q=0, frob', 406],
  ['a weight that is none', 'br;q=x, gzip', coded('gzip')],
  ['a weight over 1', 'br;q=2, gzip', coded('gzip')],
  ['empty elements', ', ,gzip,,', coded('gzip')]
]

const NEGOTIATION: Row[] = [
  ...CHOICES.map(([name, field, expected]) =>
    row(
      '9110 12.5.3',
      `Accept-Encoding: ${name}`,
      '/page.html',
      field === undefined ? [] : [`Accept-Encoding: ${field}`],
      expected
    )
  ),
  row(
    '9110 12.5.3',
    'what is not compressible is sent as it is',
    '/data.bin',
    ['Accept-Encoding: br'],
    {
      status: 200,
      fields: { 'content-encoding': undefined, vary: undefined, 'content-length': '1000' }
    }
  ),
  row(
    '9110 12.5.3',
    'what is not compressible, and identity refused',
    '/data.bin',
    ['Accept-Encoding: br, identity;q=0'],
    406
  ),
  row('9110 12.5.3', 'a file that does not become smaller', '/', ['Accept-Encoding: br'], {
    status: 200,
    body: 'hello',
    fields: { 'content-encoding': undefined, vary: 'Accept-Encoding' }
  }),
  row(
    '9110 12.5.3',
    'a file over the limit of what is kept in memory',
    '/large.txt',
    ['Accept-Encoding: gzip'],
    { status: 200, fields: { 'content-encoding': 'gzip', 'content-length': /^\d{1,4}$/ } }
  ),
  row('9110 12.5.3', 'one that lies beside the file', '/made.css', ['Accept-Encoding: gzip'], {
    status: 200,
    body: 'made before',
    fields: { 'content-encoding': 'gzip', 'content-type': 'text/css; charset=utf-8' }
  }),
  row(
    '9110 12.5.3',
    'one that lies beside the file and is older',
    '/changed.css',
    ['Accept-Encoding: gzip'],
    { status: 200, body: 'p {}', fields: { 'content-encoding': undefined } }
  ),
  row(
    '9110 8.8.3',
    'the tag of another coding is another',
    '/page.html',
    ['Accept-Encoding: br', 'If-None-Match: {etag:/page.html}'],
    coded('br')
  ),
  row(
    '9110 13.1.5',
    'a range of another coding is another',
    '/page.html',
    ['Accept-Encoding: br', 'If-Range: {etag:/page.html}', 'Range: bytes=0-1'],
    coded('br')
  ),
  row(
    '9110 14.1',
    'a range is of the coded document',
    '/page.html',
    ['Accept-Encoding: gzip', 'Range: bytes=0-1'],
    {
      status: 206,
      body: '\x1f\x8b',
      fields: { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }
    }
  ),
  row('9110 15.4.5', '304 tells of Vary', '/page.html', ['If-None-Match: *'], {
    status: 304,
    fields: { vary: 'Accept-Encoding', etag: /^"[^-]+-[^-]+-[^-]+"$/ }
  }),
  {
    section: '9110 9.3.2',
    name: 'HEAD of a coded document',
    send: head('/page.html', 'Accept-Encoding: br') + NEXT,
    expect: [{ ...coded('br'), isHead: true }, HELLO],
    connection: 'open'
  }
]

const SHA256_OF_DATA = 'sha-256=:q2xfMjf1UdII/CylIlpMyiCz/WOHlKgE8O1VSdUEFzQ=:'
const DIGEST: Expected = {
  status: 200,
  fields: { 'repr-digest': SHA256_OF_DATA, 'content-digest': undefined }
}
const NONE: Expected = {
  status: 200,
  fields: { 'repr-digest': undefined, 'content-digest': undefined }
}

const DIGESTS: Row[] = [
  row('9530 3', 'the digest of the document unasked', '/data.bin', [], DIGEST),
  row('9530 3', 'a digest of the document', '/data.bin', ['Want-Repr-Digest: sha-256=5'], DIGEST),
  row('9530 2', 'a digest of the content', '/data.bin', ['Want-Content-Digest: sha-256=1'], {
    status: 200,
    fields: { 'content-digest': SHA256_OF_DATA, 'repr-digest': SHA256_OF_DATA }
  }),
  row(
    '9530 4',
    'one of several algorithms',
    '/data.bin',
    ['Want-Repr-Digest: sha-512=3, sha-256=10'],
    DIGEST
  ),
  row('9530 4', 'an algorithm that is refused', '/data.bin', ['Want-Repr-Digest: sha-256=0'], NONE),
  row('9530 4', 'another algorithm', '/data.bin', ['Want-Repr-Digest: md5=10'], DIGEST),
  row('9530 4', 'a wish that is none', '/data.bin', ['Want-Repr-Digest: sha-256'], DIGEST),
  row(
    '9530 3.1',
    'the digest of a part is that of the whole',
    '/data.bin',
    ['Want-Repr-Digest: sha-256=1', 'Want-Content-Digest: sha-256=1', 'Range: bytes=0-1'],
    {
      status: 206,
      body: '01',
      fields: { 'repr-digest': SHA256_OF_DATA, 'content-digest': undefined }
    }
  ),
  row(
    '9530 3',
    'the digest of what is read from the disk',
    '/large.bin',
    ['Want-Repr-Digest: sha-256=1'],
    { status: 200, fields: { 'repr-digest': /^sha-256=:[0-9A-Za-z+/]{43}=:$/ } }
  ),
  row(
    '9530 3.1',
    'the digest of a coded document is another',
    '/page.html',
    ['Want-Repr-Digest: sha-256=1', 'Accept-Encoding: gzip'],
    { status: 200, fields: { 'content-encoding': 'gzip', 'repr-digest': /^sha-256=:/ } }
  ),
  {
    section: '9530 3',
    name: 'HEAD has the digest of GET',
    send: head('/data.bin', 'Want-Repr-Digest: sha-256=1') + NEXT,
    expect: [{ ...DIGEST, isHead: true }, HELLO],
    connection: 'open'
  }
]

testRows(newSite(), [...NEGOTIATION, ...DIGESTS])
