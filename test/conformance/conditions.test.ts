import { get, head } from './request.ts'
import { testRows, type Expected, type Row } from './rows.ts'
import { DATA, LARGE_SIZE, MODIFIED, newSite } from './site.ts'

const BEFORE = 'Sun, 06 Nov 1994 08:49:36 GMT'
const AFTER = 'Sun, 06 Nov 1994 08:49:38 GMT'
const ETAG = '{etag:/data.bin}'
const NEXT = get('/')
const HELLO: Expected = { status: 200, body: 'hello' }
const WHOLE: Expected = { status: 200, body: DATA, fields: { 'content-range': undefined } }
const UNMODIFIED: Expected = {
  status: 304,
  fields: { etag: /^"/, 'cache-control': 'no-cache', 'content-range': undefined }
}

function row(section: string, name: string, fields: string[], expected: number | Expected): Row {
  return {
    section,
    name,
    send: get('/data.bin', ...fields) + NEXT,
    expect: [expected, HELLO],
    connection: 'open'
  }
}

function part(start: number, end: number): Expected {
  return {
    status: 206,
    body: DATA.slice(start, end + 1),
    fields: {
      'content-range': `bytes ${start}-${end}/1000`,
      'content-length': String(end - start + 1),
      etag: /^"/
    }
  }
}

const UNSATISFIABLE: Expected = { status: 416, fields: { 'content-range': 'bytes */1000' } }

const TAGS: Row[] = [
  row('9110 13.1.2', 'If-None-Match with the tag', [`If-None-Match: ${ETAG}`], UNMODIFIED),
  row('9110 13.1.2', 'If-None-Match with the weak tag', [`If-None-Match: W/${ETAG}`], UNMODIFIED),
  row('9110 13.1.2', 'If-None-Match: *', ['If-None-Match: *'], UNMODIFIED),
  row('9110 13.1.2', 'If-None-Match with another tag', ['If-None-Match: "x"'], WHOLE),
  row('9110 13.1.2', 'If-None-Match with a list', [`If-None-Match: "x", ${ETAG}, "y"`], UNMODIFIED),
  row(
    '9110 13.1.2',
    'If-None-Match with a list without blanks',
    [`If-None-Match: "x",${ETAG}`],
    UNMODIFIED
  ),
  row(
    '9110 5.6.1',
    'If-None-Match with empty elements',
    [`If-None-Match: , ,${ETAG}, ,`],
    UNMODIFIED
  ),
  row(
    '9110 5.3',
    'If-None-Match in two fields',
    ['If-None-Match: "x"', `If-None-Match: ${ETAG}`],
    UNMODIFIED
  ),
  row(
    '9110 8.8.3',
    'If-None-Match with a comma in a tag',
    [`If-None-Match: "a,b", ${ETAG}`],
    UNMODIFIED
  ),
  row('9110 13.1.2', 'If-None-Match without quotes', ['If-None-Match: x'], WHOLE),
  row('9110 13.1.2', 'an empty If-None-Match', ['If-None-Match:'], WHOLE),
  row('9110 13.1.1', 'If-Match with the tag', [`If-Match: ${ETAG}`], WHOLE),
  row('9110 13.1.1', 'If-Match: *', ['If-Match: *'], WHOLE),
  row('9110 13.1.1', 'If-Match with another tag', ['If-Match: "x"'], 412),
  row('9110 13.1.1', 'If-Match with the weak tag', [`If-Match: W/${ETAG}`], 412),
  row('9110 13.1.1', 'If-Match with a list', [`If-Match: "x", ${ETAG}`], WHOLE),
  row('9110 13.1.1', 'If-Match with a list of others', ['If-Match: "x", "y"'], 412),
  row('9110 13.1.1', 'If-Match in two fields', ['If-Match: "x"', `If-Match: ${ETAG}`], WHOLE),
  {
    section: '9110 13.1.1',
    name: 'If-Match: * for what is missing',
    send: get('/none', 'If-Match: *') + NEXT,
    expect: [{ status: [404, 412] }, HELLO],
    connection: 'open'
  },
  {
    section: '9110 13.1.2',
    name: 'If-None-Match: * for what is missing',
    send: get('/none', 'If-None-Match: *') + NEXT,
    expect: [404, HELLO],
    connection: 'open'
  },
  {
    section: '9110 13.1.2',
    name: '304 for HEAD',
    send: head('/data.bin', `If-None-Match: ${ETAG}`) + NEXT,
    expect: [{ ...UNMODIFIED, isHead: true }, HELLO],
    connection: 'open'
  },
  {
    section: '9110 13.1.2',
    name: '304 for what is read from the disk',
    send: get('/large.bin', 'If-None-Match: {etag:/large.bin}') + NEXT,
    expect: [UNMODIFIED, HELLO],
    connection: 'open'
  },
  {
    section: '9110 13.2.1',
    name: 'a condition does not make an error another',
    send: get('/%zz', 'If-Match: "x"') + NEXT,
    expect: [400, HELLO],
    connection: 'open'
  }
]

const DATES: Row[] = [
  row(
    '9110 13.1.3',
    'If-Modified-Since with the date',
    [`If-Modified-Since: ${MODIFIED}`],
    UNMODIFIED
  ),
  row(
    '9110 13.1.3',
    'If-Modified-Since with a later date',
    [`If-Modified-Since: ${AFTER}`],
    UNMODIFIED
  ),
  row(
    '9110 13.1.3',
    'If-Modified-Since with an earlier date',
    [`If-Modified-Since: ${BEFORE}`],
    WHOLE
  ),
  row(
    '9110 5.6.7',
    'the form of RFC 850',
    ['If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT'],
    UNMODIFIED
  ),
  row(
    '9110 5.6.7',
    'the form of asctime',
    ['If-Modified-Since: Sun Nov  6 08:49:37 1994'],
    UNMODIFIED
  ),
  row(
    '9110 5.6.7',
    'the form of RFC 850, earlier',
    ['If-Modified-Since: Sunday, 06-Nov-94 08:49:36 GMT'],
    WHOLE
  ),
  row(
    '9110 5.6.7',
    'the form of asctime, earlier',
    ['If-Modified-Since: Sun Nov  6 08:49:36 1994'],
    WHOLE
  ),
  ...[
    'yesterday',
    '',
    '0',
    '1994',
    '784111777',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Xyz 2094 08:49:37 GMT',
    'Sun, 99 Nov 2024 08:49:37 GMT',
    'Sun, 06 Nov 2024 25:49:37 GMT',
    'Sun, 06 Nov 2024 08:61:37 GMT',
    `${AFTER}, ${AFTER}`
  ].map(date =>
    row(
      '9110 13.1.3',
      `If-Modified-Since: ${date} is no date`,
      [`If-Modified-Since: ${date}`],
      WHOLE
    )
  ),
  row(
    '9110 13.1.3',
    'If-None-Match is stronger than If-Modified-Since',
    ['If-None-Match: "x"', `If-Modified-Since: ${AFTER}`],
    WHOLE
  ),
  row(
    '9110 13.1.3',
    'If-None-Match is stronger than an earlier date',
    [`If-None-Match: ${ETAG}`, `If-Modified-Since: ${BEFORE}`],
    UNMODIFIED
  ),
  row(
    '9110 13.1.4',
    'If-Unmodified-Since with the date',
    [`If-Unmodified-Since: ${MODIFIED}`],
    WHOLE
  ),
  row(
    '9110 13.1.4',
    'If-Unmodified-Since with a later date',
    [`If-Unmodified-Since: ${AFTER}`],
    WHOLE
  ),
  row(
    '9110 13.1.4',
    'If-Unmodified-Since with an earlier date',
    [`If-Unmodified-Since: ${BEFORE}`],
    412
  ),
  row('9110 13.1.4', 'If-Unmodified-Since with no date', ['If-Unmodified-Since: yesterday'], WHOLE),
  row(
    '9110 13.1.4',
    'If-Match is stronger than If-Unmodified-Since',
    [`If-Match: ${ETAG}`, `If-Unmodified-Since: ${BEFORE}`],
    WHOLE
  ),
  row(
    '9110 13.2.2',
    'If-Match comes before If-None-Match',
    ['If-Match: "x"', `If-None-Match: ${ETAG}`],
    412
  ),
  row(
    '9110 13.2.2',
    'If-Match and then If-None-Match',
    [`If-Match: ${ETAG}`, `If-None-Match: ${ETAG}`],
    UNMODIFIED
  ),
  row(
    '9110 13.2.2',
    'If-Unmodified-Since and then If-None-Match',
    [`If-Unmodified-Since: ${MODIFIED}`, `If-None-Match: ${ETAG}`],
    UNMODIFIED
  ),
  row(
    '9110 13.2.2',
    'If-None-Match comes before Range',
    [`If-None-Match: ${ETAG}`, 'Range: bytes=0-0'],
    UNMODIFIED
  ),
  row('9110 13.2.2', 'If-Match comes before Range', ['If-Match: "x"', 'Range: bytes=0-0'], 412),
  row(
    '9110 13.2.2',
    'If-Match comes before a bad Range',
    ['If-Match: "x"', 'Range: bytes=5000-'],
    412
  )
]

const RANGES: Row[] = [
  row('9110 14.1.2', 'the first byte', ['Range: bytes=0-0'], part(0, 0)),
  row('9110 14.1.2', 'the first half', ['Range: bytes=0-499'], part(0, 499)),
  row('9110 14.1.2', 'an open range', ['Range: bytes=500-'], part(500, 999)),
  row('9110 14.1.2', 'a range beyond the end', ['Range: bytes=990-5000'], part(990, 999)),
  row('9110 14.1.2', 'the whole as a range', ['Range: bytes=0-'], part(0, 999)),
  row('9110 14.1.2', 'the last byte', ['Range: bytes=999-'], part(999, 999)),
  row('9110 14.1.2', 'a suffix', ['Range: bytes=-10'], part(990, 999)),
  row('9110 14.1.2', 'a suffix over the size', ['Range: bytes=-5000'], part(0, 999)),
  row('9110 14.1', 'the unit in another case', ['Range: BYTES=0-0'], part(0, 0)),
  row('9110 5.6.1', 'empty elements around a range', ['Range: bytes=,0-0 ,'], part(0, 0)),
  row('9110 14.1.2', 'leading zeros', ['Range: bytes=000-001'], part(0, 1)),
  row(
    '9110 14.1.2',
    'an end over 64 bits',
    ['Range: bytes=0-99999999999999999999999'],
    part(0, 999)
  ),
  row('9110 14.2', 'a start behind the end', ['Range: bytes=1000-'], UNSATISFIABLE),
  row(
    '9110 14.2',
    'a start over 64 bits',
    ['Range: bytes=99999999999999999999999-'],
    UNSATISFIABLE
  ),
  row('9110 14.2', 'a suffix of 0', ['Range: bytes=-0'], UNSATISFIABLE),
  row(
    '9110 14.2',
    'several ranges behind the end',
    ['Range: bytes=1000-1001,2000-,-0'],
    UNSATISFIABLE
  ),
  ...[
    'bytes=',
    'bytes=-',
    'bytes',
    'bytes=a-b',
    'bytes=5-2',
    'bytes=0-x',
    'bytes 0-0',
    'bytes=0',
    'bytes=0--1',
    'bytes=--1',
    'bytes=1-2-3',
    'bytes=0-0;1-1',
    'bytes=+0-1',
    'bytes=0x0-1',
    'lines=0-1',
    '=0-1',
    '',
    'bytes=0-0,x',
    'bytes=0-0,5-2'
  ].map(field =>
    row('9110 14.2', `Range: ${field} is none, and ignored`, [`Range: ${field}`], WHOLE)
  ),
  row('9110 14.2', 'one range of several within the file', ['Range: bytes=5000-,0-1'], part(0, 1)),
  row('9110 15.3.7', 'overlapping ranges are one', ['Range: bytes=0-10,5-20'], part(0, 20)),
  row('9110 15.3.7', 'adjoining ranges are one', ['Range: bytes=0-10,11-20'], part(0, 20)),
  row('9110 15.3.7', 'equal ranges are one', ['Range: bytes=0-0,0-0,0-0'], part(0, 0)),
  row('9110 15.3.7.2', 'two ranges in two parts', ['Range: bytes=0-1,10-12'], {
    status: 206,
    fields: {
      'content-type': /^multipart\/byteranges; boundary=[0-9A-Za-z'()+_,./:=?-]{1,70}$/,
      'content-range': undefined,
      etag: /^"/
    },
    body: /^--(\S+)\r\nContent-Type: application\/octet-stream\r\nContent-Range: bytes 0-1\/1000\r\n\r\n01\r\n--\1\r\nContent-Type: application\/octet-stream\r\nContent-Range: bytes 10-12\/1000\r\n\r\n012\r\n--\1--\r\n$/
  }),
  row('9110 15.3.7.2', 'parts in the order of the request', ['Range: bytes=10-12,0-1'], {
    status: 206,
    body: /bytes 10-12\/1000.*bytes 0-1\/1000/s
  }),
  row('9110 15.3.7.2', 'a part and a suffix', ['Range: bytes=0-0,-1'], {
    status: 206,
    body: /bytes 0-0\/1000.*bytes 999-999\/1000/s
  }),
  row('9110 14.2', 'ranges in two fields', ['Range: bytes=0-1', 'Range: bytes=10-12'], {
    status: [200, 206, 400]
  }),
  row(
    '9110 17.15',
    'too many ranges are answered with the whole',
    [
      `Range: bytes=${Array.from({ length: 200 }, (_, index) => `${index * 4}-${index * 4}`).join()}`
    ],
    WHOLE
  ),
  row('9110 15.3.7.2', 'parts that are nearly the whole', ['Range: bytes=0-400,402-800,802-999'], {
    status: 206,
    body: /bytes 0-400\/1000.*bytes 402-800\/1000.*bytes 802-999\/1000/s
  }),
  row(
    '9110 13.1.5',
    'If-Range with the tag',
    [`If-Range: ${ETAG}`, 'Range: bytes=0-1'],
    part(0, 1)
  ),
  row('9110 13.1.5', 'If-Range with another tag', ['If-Range: "x"', 'Range: bytes=0-1'], WHOLE),
  row(
    '9110 13.1.5',
    'If-Range with the weak tag',
    [`If-Range: W/${ETAG}`, 'Range: bytes=0-1'],
    WHOLE
  ),
  row(
    '9110 13.1.5',
    'If-Range with the date',
    [`If-Range: ${MODIFIED}`, 'Range: bytes=0-1'],
    part(0, 1)
  ),
  row(
    '9110 13.1.5',
    'If-Range with an earlier date',
    [`If-Range: ${BEFORE}`, 'Range: bytes=0-1'],
    WHOLE
  ),
  row(
    '9110 13.1.5',
    'If-Range with a later date',
    [`If-Range: ${AFTER}`, 'Range: bytes=0-1'],
    WHOLE
  ),
  row('9110 13.1.5', 'If-Range with neither', ['If-Range: x', 'Range: bytes=0-1'], WHOLE),
  row('9110 13.1.5', 'If-Range with a list', [`If-Range: "x", ${ETAG}`, 'Range: bytes=0-1'], WHOLE),
  row('9110 13.1.5', 'If-Range without Range', [`If-Range: ${ETAG}`], WHOLE),
  row(
    '9110 13.1.5',
    'If-Range that fails hides an unsatisfiable range',
    ['If-Range: "x"', 'Range: bytes=5000-'],
    WHOLE
  ),
  {
    section: '9110 14.2',
    name: 'a range on HEAD is ignored',
    send: head('/data.bin', 'Range: bytes=0-0') + NEXT,
    expect: [
      {
        status: 200,
        isHead: true,
        fields: { 'content-length': '1000', 'content-range': undefined }
      },
      HELLO
    ],
    connection: 'open'
  },
  {
    section: '9110 14.2',
    name: 'a range behind the end on HEAD is ignored',
    send: head('/data.bin', 'Range: bytes=5000-') + NEXT,
    expect: [{ status: 200, isHead: true }, HELLO],
    connection: 'open'
  },
  {
    section: '9110 14.2',
    name: 'a range of what is missing',
    send: get('/none', 'Range: bytes=0-0') + NEXT,
    expect: [404, HELLO],
    connection: 'open'
  },
  {
    section: '9110 14.1.2',
    name: 'a range of nothing',
    send: get('/empty', 'Range: bytes=0-') + NEXT,
    expect: [{ status: 416, fields: { 'content-range': 'bytes */0' } }, HELLO],
    connection: 'open'
  },
  {
    section: '9110 14.1.2',
    name: 'a range of what is read from the disk',
    send: get('/large.bin', 'Range: bytes=100000-100009') + NEXT,
    expect: [
      {
        status: 206,
        body: '0123456789',
        fields: { 'content-range': `bytes 100000-100009/${LARGE_SIZE}` }
      },
      HELLO
    ],
    connection: 'open'
  },
  {
    section: '9110 15.3.7.2',
    name: 'two ranges of what is read from the disk',
    send: get('/large.bin', 'Range: bytes=0-1,100000-100009') + NEXT,
    expect: [{ status: 206, body: /\r\n\r\n01\r\n.*\r\n\r\n0123456789\r\n--\S+--\r\n$/s }, HELLO],
    connection: 'open'
  }
]

testRows(newSite(), [...TAGS, ...DATES, ...RANGES])
