/** The rules of RFC 9111 and its neighbours, one by one. */
import test from 'ava'
import { initialAge } from '../../../http-gateway/cache/age.ts'
import { hitStatus, forwardStatus } from '../../../http-gateway/cache/cache-status.ts'
import { isKnownToReader } from '../../../http-gateway/cache/conditions.ts'
import { parseDate } from '../../../http-gateway/cache/dates.ts'
import { parseDirectives, secondsOf } from '../../../http-gateway/cache/directives.ts'
import { freshnessOf } from '../../../http-gateway/cache/freshness.ts'
import { invalidated } from '../../../http-gateway/cache/invalidation.ts'
import { combined, partOf } from '../../../http-gateway/cache/partial.ts'
import { wishesOf } from '../../../http-gateway/cache/request-directives.ts'
import {
  judgeReuse,
  type Reuse,
  mayReplaceError,
  mayReplaceSilence
} from '../../../http-gateway/cache/reuse.ts'
import { SegmentedLru } from '../../../http-gateway/cache/segmented-lru.ts'
import { select } from '../../../http-gateway/cache/selection.ts'
import { mayStore } from '../../../http-gateway/cache/storability.ts'
import { storedResponse, type StoredResponse } from '../../../http-gateway/cache/stored-response.ts'
import { readSurrogateControl } from '../../../http-gateway/cache/surrogate.ts'
import { ruleOf } from '../../../http-gateway/cache/targeted.ts'
import { afterHead, confirmed } from '../../../http-gateway/cache/update.ts'
import { selectorOf, selects } from '../../../http-gateway/cache/vary.ts'

const NOW = Date.UTC(2026, 0, 15, 12)
const DATE = new Date(NOW).toUTCString()
const TIMES = { sent: NOW, received: NOW }

function stored(fields: string[], body = '0123456789', status = 200): StoredResponse {
  const made = storedResponse(
    { status, fields, rule: ruleOf(fields, false), isSurrogate: false },
    {},
    TIMES
  )

  if (made === undefined) {
    throw new Error('it varies by everything')
  }

  return { ...made, body: Buffer.from(body), part: undefined }
}

function freshWith(cacheControl: string): StoredResponse['freshness'] {
  return stored(['cache-control', cacheControl, 'date', DATE]).freshness
}

/** A part of ten bytes. */
function partWith(start: number, body: string, etag = '"a"'): StoredResponse {
  return { ...stored(['etag', etag], body, 206), part: { start, size: 10 } }
}

// RFC 9110 section 5.6.7
const DATES: [text: string, expected: number | undefined][] = [
  ['Sun, 06 Nov 1994 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['sun, 06 nov 1994 08:49:37 gmt', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['Sunday, 06-Nov-66 08:49:37 GMT', Date.UTC(2066, 10, 6, 8, 49, 37)],
  ['Sun Nov  6 08:49:37 1994', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['Sun, 06 Nov 1994 08:49:37 UTC', undefined],
  ['Sun, 06 Nov 94 08:49:37 GMT', undefined],
  ['Sun, 6 Nov 1994 08:49:37 GMT', undefined],
  ['Sun, 06-Nov-1994 08:49:37 GMT', undefined],
  ['Sun 06 Nov 1994 08:49:37 GMT', undefined],
  ['Sun, 06 Nov 1994 8:49:37 GMT', undefined],
  ['Sun, 06 Nov 1994 08.49.37 GMT', undefined],
  ['Sun,  06 Nov 1994 08:49:37 GMT', undefined],
  ['Sun, 31 Feb 1994 08:49:37 GMT', undefined],
  ['Sun, 06 Foo 1994 08:49:37 GMT', undefined],
  ['0', undefined],
  ['', undefined]
]

for (const [text, expected] of DATES) {
  test(`'${text}' is ${expected === undefined ? 'no date' : new Date(expected).toISOString()}`, t => {
    t.is(parseDate(text, NOW), expected)
  })
}

// RFC 9111 sections 1.2.2, 4.2.1 and 5.2
const MAX_AGES: [field: string, expected: number | undefined][] = [
  ['max-age=60', 60],
  ['Max-AGE=60', 60],
  ['max-age="60"', 60],
  ['max-age=0060', 60],
  ['private, max-age=60, foo', 60],
  ['foo="a, max-age=1", max-age=60', 60],
  ['foo="a\\", max-age=1", max-age=60', 60],
  ['max-age=99999999999', 2 ** 31],
  ['max-age', 0],
  ['max-age=', 0],
  ['max-age =60', 0],
  ['max-age= 60', 0],
  ['max-age=-1', 0],
  ['max-age=60.5', 0],
  ["max-age='60'", 0],
  ['max-age=60a', 0],
  ['max-age=60, max-age=60', 60],
  ['max-age=60, max-age=1', 0],
  ['s-max-age=60', undefined],
  ['', undefined],
  [',,,', undefined]
]

for (const [field, expected] of MAX_AGES) {
  test(`Cache-Control '${field}' has the max-age ${expected}`, t => {
    t.is(secondsOf(parseDirectives(field), 'max-age'), expected)
  })
}

// RFC 9213
const TARGETED: [field: string, cacheControl: string, lifetime: number][] = [
  ['max-age=60', 'max-age=1', 60],
  ['max-age=1', 'max-age=60', 1],
  ['max-age=60', 'no-store', 60],
  ['max-age="60"', 'max-age=5', 5],
  ['max-age=60, &&&', 'max-age=5', 5],
  ['', 'max-age=5', 5],
  ['foo, max-age=60', 'max-age=5', 60]
]

for (const [field, cacheControl, lifetime] of TARGETED) {
  test(`CDN-Cache-Control '${field}' before Cache-Control '${cacheControl}' gives ${lifetime} s`, t => {
    const fields = ['cdn-cache-control', field, 'cache-control', cacheControl, 'date', DATE]

    t.is(freshnessOf(200, fields, ruleOf(fields, false), TIMES).lifetime, lifetime)
  })
}

test('Surrogate-Control counts where it is meant for this cache, which stands before the origin', t => {
  t.is(readSurrogateControl('max-age=60')?.get('max-age'), '60')
  t.is(readSurrogateControl('max-age=60+10;plexnet')?.get('stale-while-revalidate'), '10')
  t.is(readSurrogateControl('max-age=60;other'), undefined)
  t.is(readSurrogateControl('content="ESI/1.0"'), undefined)

  const fields = ['surrogate-control', 'no-store', 'cache-control', 'max-age=60']

  t.false(ruleOf(fields, false).directives.has('no-store'))
  t.true(ruleOf(fields, true).directives.has('no-store'))
})

// RFC 9111 section 4.2.3
test('a response is as old as the oldest of what it says', t => {
  const old = new Date(NOW - 5000).toUTCString()

  t.is(initialAge(['date', DATE], TIMES), 0)
  t.is(initialAge(['date', old], TIMES), 5)
  t.is(initialAge(['date', DATE, 'age', '30'], { sent: NOW - 2000, received: NOW }), 32)
  t.is(initialAge(['date', DATE, 'age', '30, 90'], TIMES), 30)
  t.is(initialAge(['date', DATE, 'age', '-5'], TIMES), 0)
  t.is(initialAge(['date', DATE, 'age', '7.5'], TIMES), 0)
})

// RFC 9111 sections 4.2.1, 4.2.2 and 5.3
test('a lifetime is what the origin says, or a tenth of the time since the last change', t => {
  const lifetime = (...fields: string[]): number =>
    freshnessOf(200, ['date', DATE, ...fields], ruleOf(fields, false), TIMES).lifetime
  const modified = new Date(NOW - 1_000_000).toUTCString()

  t.is(lifetime('expires', new Date(NOW + 7000).toUTCString()), 7)
  t.is(lifetime('expires', '0'), 0)
  t.is(lifetime('expires', new Date(NOW + 7000).toUTCString(), 'cache-control', 'max-age=3'), 3)
  t.is(lifetime('cache-control', 'max-age=3, s-maxage=9'), 9)
  t.is(lifetime('last-modified', modified), 100)
  t.is(lifetime('last-modified', new Date(0).toUTCString()), 24 * 60 * 60)
  t.is(lifetime('last-modified', modified, 'set-cookie', 'a=b'), 0)
  t.is(
    freshnessOf(302, ['date', DATE, 'last-modified', modified], ruleOf([], false), TIMES).lifetime,
    0
  )
})

// RFC 9111 sections 3 and 3.5
const STORABLE: [
  name: string,
  expected: boolean,
  ...rest: [status: number, cacheControl: string, request?: Record<string, string>, method?: string]
][] = [
  ['a fresh 200', true, 200, 'max-age=60'],
  ['no-store', false, 200, 'max-age=60, no-store'],
  ['private', false, 200, 'max-age=60, private'],
  ['private for one field', true, 200, 'max-age=60, private="set-cookie"'],
  ['no-cache', true, 200, 'max-age=60, no-cache'],
  ['a status that nobody knows', true, 299, 'max-age=60'],
  ['must-understand of a status that nobody knows', false, 299, 'max-age=60, must-understand'],
  ['must-understand with no-store', true, 200, 'max-age=60, no-store, must-understand'],
  ['a 304', false, 304, 'max-age=60'],
  ['an answer to Authorization', false, 200, 'max-age=60', { authorization: 'Basic x' }],
  [
    'a public answer to Authorization',
    true,
    200,
    'max-age=60, public',
    { authorization: 'Basic x' }
  ],
  ['a 500 without a lifetime', false, 500, 'foo'],
  ['an answer to PUT', false, 200, 'max-age=60', {}, 'PUT'],
  ['an answer to POST', false, 200, 'max-age=60', {}, 'POST'],
  ['an answer to HEAD', false, 200, 'max-age=60', {}, 'HEAD']
]

for (const [name, expected, status, cacheControl, headers = {}, method = 'GET'] of STORABLE) {
  test(`${name} is ${expected ? '' : 'not '}stored`, t => {
    const response = ['cache-control', cacheControl, 'etag', '"a"']

    t.is(
      mayStore({
        method,
        url: 'http://a/',
        request: headers,
        status,
        response,
        rule: ruleOf(response, false)
      }),
      expected
    )
  })
}

// RFC 9111 sections 4.2 and 5.2.1, RFC 5861, RFC 8246
const REUSED: [age: number, cacheControl: string, wishes: string, expected: Reuse][] = [
  [10, 'max-age=60', '', 'use'],
  [60, 'max-age=60', '', 'ask'],
  [10, 'max-age=60', 'max-age=5', 'ask'],
  [10, 'max-age=60', 'max-age=10', 'use'],
  [10, 'max-age=60', 'max-age=0', 'ask'],
  [10, 'max-age=60, immutable', 'max-age=0', 'use'],
  [70, 'max-age=60, immutable', 'max-age=0', 'ask'],
  [10, 'max-age=60, immutable', 'no-cache', 'ask'],
  [10, 'max-age=60', 'min-fresh=20', 'use'],
  [50, 'max-age=60', 'min-fresh=20', 'ask'],
  [70, 'max-age=60', 'max-stale', 'use'],
  [70, 'max-age=60', 'max-stale=20', 'use'],
  [70, 'max-age=60', 'max-stale=5', 'ask'],
  [70, 'max-age=60, must-revalidate', 'max-stale', 'ask'],
  [70, 's-maxage=60', 'max-stale', 'ask'],
  [70, 'max-age=60, stale-while-revalidate=20', '', 'behind'],
  [90, 'max-age=60, stale-while-revalidate=20', '', 'ask'],
  [70, 'max-age=60, stale-while-revalidate=20, must-revalidate', '', 'ask'],
  [10, 'max-age=60, no-cache', '', 'ask'],
  [10, 'max-age=60, no-cache="x"', '', 'use']
]

for (const [age, cacheControl, wishes, expected] of REUSED) {
  test(`'${cacheControl}' at the age of ${age} s, asked with '${wishes}': ${expected}`, t => {
    const { freshness } = stored(['cache-control', cacheControl, 'date', DATE])
    const asked = wishes === '' ? {} : { 'cache-control': wishes }

    t.is(judgeReuse(freshness, wishesOf(asked), NOW + age * 1000), expected)
  })
}

test('a stale response stands in for an error where it may, and for silence unless it may not', t => {
  const none = wishesOf({})
  const later = NOW + 90_000

  t.false(mayReplaceError(freshWith('max-age=60'), none, later))
  t.true(mayReplaceError(freshWith('max-age=60, stale-if-error=60'), none, later))
  t.false(mayReplaceError(freshWith('max-age=60, stale-if-error=10'), none, later))
  t.true(mayReplaceSilence(freshWith('max-age=60'), none, later))
  t.false(mayReplaceSilence(freshWith('max-age=60'), none, NOW + 8 * 24 * 60 * 60 * 1000))

  for (const strict of ['must-revalidate', 'proxy-revalidate', 'no-cache', 's-maxage=60']) {
    t.false(mayReplaceSilence(freshWith(`max-age=60, ${strict}`), none, later), strict)
  }
})

// RFC 9111 section 4.1
const VARIED: [name: string, one: string, other: string, expected: boolean][] = [
  ['foo', '1', '1', true],
  ['foo', '1', '2', false],
  ['foo', '1, 2', '1,2', true],
  ['foo', '"a, b"', '"a,b"', false],
  ['accept-language', 'en, de', 'DE , en', true],
  ['accept-language', 'en;q=0.5, de', 'de, en;q=0.5', true],
  ['accept-language', 'en;q=0.5, de', 'en, de;q=0.5', false],
  ['accept-encoding', 'gzip, br', 'br,gzip', true]
]

for (const [name, one, other, expected] of VARIED) {
  test(`varying by ${name}, '${one}' and '${other}' ask for ${expected ? 'one' : 'two'}`, t => {
    const selector = selectorOf(['vary', `X, ${name}`], { [name]: one }) ?? []

    t.is(selects(selector, { [name]: other }, undefined), expected)
    t.is(selects(selector, {}, undefined), false)
  })
}

test('a response in the language that a reader likes best is the one for that reader', t => {
  const selector = selectorOf(['vary', 'Accept-Language'], { 'accept-language': 'en, de' }) ?? []

  t.true(selects(selector, { 'accept-language': 'fr;q=0.5, de' }, 'de'))
  t.false(selects(selector, { 'accept-language': 'fr, de' }, 'de'))
  t.false(selects(selector, { 'accept-language': 'fr, de;q=0.5' }, 'de'))
})

test('what varies by everything is chosen for nobody else', t => {
  t.is(selectorOf(['vary', '*'], {}), undefined)
  t.is(selectorOf(['vary', 'Foo, *'], {}), undefined)
  t.is(selectorOf(['vary', 'Foo', 'vary', ', *'], {}), undefined)
})

// RFC 9110 section 13.1
test('a reader who has the response is told so', t => {
  const response = { status: 200, fields: ['etag', 'W/"a"', 'last-modified', DATE] }
  const knows = (headers: Record<string, string>, one = response): boolean =>
    isKnownToReader(headers, one, NOW)

  t.true(knows({ 'if-none-match': '"a"' }))
  t.true(knows({ 'if-none-match': '"x", W/"a" , "y"' }))
  t.true(knows({ 'if-none-match': '*' }))
  t.false(knows({ 'if-none-match': '"b"', 'if-modified-since': DATE }))
  t.true(knows({ 'if-modified-since': DATE }))
  t.false(knows({ 'if-modified-since': new Date(NOW - 1000).toUTCString() }))
  t.false(knows({ 'if-modified-since': 'yesterday' }))
  t.true(knows({ 'if-modified-since': DATE }, { status: 200, fields: ['date', DATE] }))
  t.false(knows({ 'if-none-match': '"a"' }, { ...response, status: 404 }))
})

// RFC 9111 section 3.4, RFC 9110 section 14
test('ranges are cut out of what is stored, and out of parts of it', t => {
  const whole = stored(['etag', '"a"', 'content-length', '10'])
  const part: StoredResponse = {
    ...whole,
    status: 206,
    body: Buffer.from('456'),
    part: { start: 4, size: 10 }
  }
  const cut = (one: StoredResponse, range: string, ifRange?: string): string | undefined => {
    const selection = select(
      one,
      { range, ...(ifRange === undefined ? {} : { 'if-range': ifRange }) },
      NOW
    )

    return selection && `${selection.status} ${selection.body.toString()}`
  }

  t.is(cut(whole, 'bytes=0-1'), '206 01')
  t.is(cut(whole, 'bytes=8-'), '206 89')
  t.is(cut(whole, 'bytes=-3'), '206 789')
  t.is(cut(whole, 'bytes=10-'), '416 ')
  t.is(cut(whole, 'bytes=0-0,2-2'), '200 0123456789')
  t.is(cut(whole, 'lines=1-2'), '200 0123456789')
  t.is(cut(whole, 'bytes=0-1', '"a"'), '206 01')
  t.is(cut(whole, 'bytes=0-1', '"b"'), '200 0123456789')
  t.is(cut(whole, 'bytes=0-1', 'W/"a"'), '200 0123456789')
  t.is(cut(part, 'bytes=5-6'), '206 56')
  t.is(cut(part, 'bytes=3-6'), undefined)
  t.is(cut(part, 'bytes=5-7'), undefined)
  t.is(select(part, {}, NOW), undefined)
})

test('a part counts as the bytes that it says it is only where it has as many', t => {
  t.deepEqual(partOf(['content-range', 'bytes 4-9/10'], 6), { start: 4, size: 10 })
  t.is(partOf(['content-range', 'bytes 4-9/10'], 5), undefined)
  t.is(partOf(['content-range', 'bytes 4-10/10'], 7), undefined)
  t.is(partOf(['content-range', 'bytes 9-4/10'], 6), undefined)
  t.is(partOf(['content-range', 'bytes */10'], 0), undefined)
  t.is(partOf([], 6), undefined)
})

test('parts that adjoin and have one strong tag become a longer part, and at last the whole', t => {
  const joined = combined(partWith(0, '01234'), partWith(4, '456'))
  const whole = joined && combined(joined, partWith(7, '789'))

  t.is(joined?.body.toString(), '0123456')
  t.deepEqual(joined?.part, { start: 0, size: 10 })
  t.is(whole?.body.toString(), '0123456789')
  t.is(whole?.part, undefined)
  t.is(whole?.status, 200)
  t.is(combined(partWith(0, '012'), partWith(5, '567')), undefined)
  t.is(combined(partWith(0, '01234'), partWith(5, '567', '"b"')), undefined)
  t.is(combined(partWith(0, '01234', 'W/"a"'), partWith(5, '567', 'W/"a"')), undefined)
})

// RFC 9111 sections 3.2 and 4.3.4
test('a 304 renews the fields, but not what describes the stored bytes', t => {
  const before = stored([
    'etag',
    '"a"',
    'x',
    '1',
    'y',
    '1',
    'cache-control',
    'max-age=1',
    'content-length',
    '10'
  ])
  const now = confirmed(
    before,
    [
      'etag',
      '"a"',
      'x',
      '2',
      'content-length',
      '0',
      'content-encoding',
      'br',
      'cache-control',
      'max-age=9'
    ],
    TIMES
  )

  t.is(now?.freshness.lifetime, 9)
  t.deepEqual(now?.fields.includes('br'), false)
  t.is(now?.fields[now.fields.indexOf('x') + 1], '2')
  t.is(now?.fields[now.fields.indexOf('y') + 1], '1')
  t.is(now?.fields[now.fields.indexOf('content-length') + 1], '10')
  t.is(confirmed(before, ['etag', '"b"'], TIMES), undefined)
})

// RFC 9111 section 4.3.5
test('the answer to a HEAD renews what it agrees with', t => {
  const before = stored(['etag', '"a"', 'cache-control', 'max-age=1'])

  t.is(afterHead(before, 200, ['cache-control', 'max-age=9'], TIMES)?.freshness.lifetime, 9)
  t.is(afterHead(before, 200, ['etag', '"b"'], TIMES), undefined)
  t.is(afterHead(before, 200, ['content-length', '11'], TIMES), undefined)
  t.is(afterHead(before, 404, [], TIMES), undefined)
})

// RFC 9111 section 4.4
test('an unsafe request ends what it and its answer name, of the same origin', t => {
  const url = 'http://a.example/x'
  const named = (status: number, method: string, ...fields: string[]): string[] =>
    invalidated(method, url, status, fields)

  t.deepEqual(named(200, 'GET'), [])
  t.deepEqual(named(200, 'POST'), [url])
  t.deepEqual(named(500, 'POST'), [])
  t.deepEqual(named(404, 'DELETE'), [])
  t.deepEqual(named(201, 'POST', 'location', '/y#z', 'content-location', 'z'), [
    url,
    'http://a.example/y',
    'http://a.example/z'
  ])
  t.deepEqual(named(201, 'POST', 'location', 'http://b.example/y'), [url])
  t.deepEqual(named(201, 'POST', 'location', '//['), [url])
})

// RFC 9211
test('Cache-Status names this cache and why', t => {
  t.is(hitStatus(59.9), 'plexnet; hit; ttl=59')
  t.is(hitStatus(-3, 'origin-unreachable'), 'plexnet; hit; ttl=-3; detail=origin-unreachable')
  t.is(forwardStatus({ fwd: 'stale', fwdStatus: 304 }), 'plexnet; fwd=stale; fwd-status=304')
  t.is(forwardStatus({ fwd: 'uri-miss', stored: true }), 'plexnet; fwd=uri-miss; stored')
})

test('what was asked for once does not push out what is asked for again and again', t => {
  const lru = new SegmentedLru<number>(1000)

  lru.set('loved', 1, 100)
  lru.use('loved')

  for (let index = 0; index < 10_000; index++) {
    lru.set(`scan ${index}`, index, 100)
    t.true(lru.bytes <= 1000)
  }

  t.is(lru.use('loved'), 1)
  lru.set('too large', 1, 1001)
  t.is(lru.peek('too large'), undefined)
  t.is(lru.size, 10)
})
