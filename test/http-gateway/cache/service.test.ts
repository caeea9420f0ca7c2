import { Readable } from 'node:stream'
import test from 'ava'
import { NotStoredError } from '../../../http-gateway/cache/errors.ts'
import { HttpCache } from '../../../http-gateway/cache/service.ts'
import { FakeClient, FakeOrigin, requestWith } from './helpers.ts'

const FRESH = ['cache-control', 'max-age=60', 'etag', '"a"']
const STALE = ['cache-control', 'max-age=0', 'etag', '"a"']

/** One request; the client hears whatever comes of it. */
function visit(
  cache: HttpCache,
  origin: FakeOrigin,
  ...asked: Parameters<typeof requestWith>
): FakeClient {
  const client = new FakeClient()

  cache.serve(requestWith(...asked), origin, client)

  return client
}

test('what is fresh is asked for once', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()
  const first = visit(cache, origin)

  origin.answer(200, FRESH, 'hello')

  const second = visit(cache, origin)

  t.is(first.text, 'hello')
  t.is(first.field('cache-status'), 'plexnet; fwd=uri-miss; stored')
  t.is(second.text, 'hello')
  t.is(second.field('age'), '0')
  t.is(origin.asked.length, 1)
  t.like(cache.counts, { hits: 1, misses: 1, urls: 1 })
})

test('what is stale is asked about with its validators, and a 304 makes it fresh', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()

  visit(cache, origin)
  origin.answer(200, [...STALE, 'last-modified', 'Thu, 01 Jan 2026 00:00:00 GMT'], 'hello')

  const second = visit(cache, origin, { 'if-none-match': '"mine"', range: 'bytes=0-1' })

  t.deepEqual(origin.last.fields, [
    'if-none-match',
    '"a"',
    'if-modified-since',
    'Thu, 01 Jan 2026 00:00:00 GMT'
  ])
  origin.sink().start(304, [...FRESH, 'x', 'new'])
  origin.sink().end([])

  const third = visit(cache, origin)

  t.is(second.status, 206)
  t.is(second.text, 'he')
  t.is(second.field('cache-status'), 'plexnet; fwd=stale; fwd-status=304')
  t.is(third.text, 'hello')
  t.is(third.field('x'), 'new')
  t.is(origin.asked.length, 2)
})

test('a changed document goes to the client, unless the client has it already', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()

  visit(cache, origin)
  origin.answer(200, STALE, 'old')

  const second = visit(cache, origin, { 'if-none-match': '"b"' })

  origin.answer(200, ['cache-control', 'max-age=60', 'etag', '"b"'], 'new')

  const third = visit(cache, origin)

  t.is(second.status, 304)
  t.is(third.text, 'new')
})

test('a 304 for another response than the one that is stored brings the whole', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()

  visit(cache, origin)
  origin.answer(200, STALE, 'old')

  const second = visit(cache, origin)

  origin.sink().start(304, ['etag', '"other"'])
  t.is(origin.asked.length, 3)
  t.deepEqual(origin.last.fields, [])
  // The end of the first answer says nothing about the second.
  origin.sink(1).end([])
  t.is(second.outcome, undefined)
  origin.answer(200, FRESH, 'new')
  t.is(second.text, 'new')
})

// RFC 5861
test('while a stale response is renewed behind it, it is used', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()

  visit(cache, origin)
  origin.answer(
    200,
    ['cache-control', 'max-age=0, stale-while-revalidate=60', 'etag', '"a"'],
    'old'
  )

  const second = visit(cache, origin)
  const third = visit(cache, origin)

  t.is(second.text, 'old')
  t.is(third.text, 'old')
  t.is(origin.asked.length, 2)
  origin.answer(200, FRESH, 'new')
  t.is(visit(cache, origin).text, 'new')
})

// RFC 5861, RFC 9111 section 4.2.4, A50
test('an origin that fails is replaced by what is stored, where that may be', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()
  const strict = { url: 'http://example.org/strict' }

  visit(cache, origin)
  origin.answer(200, ['cache-control', 'max-age=0, stale-if-error=60', 'etag', '"a"'], 'old')
  visit(cache, origin, {}, strict)
  origin.answer(200, ['cache-control', 'max-age=0, must-revalidate', 'etag', '"a"'], 'old')

  const failed = visit(cache, origin)

  origin.answer(503, [], 'sorry')

  const silent = visit(cache, origin)

  origin.sink().fail(new Error('unreachable'))

  const refused = visit(cache, origin, {}, strict)

  origin.sink().fail(new Error('unreachable'))
  t.is(failed.text, 'old')
  t.regex(failed.field('cache-status') ?? '', /^plexnet; hit; ttl=0; detail=origin-status-503$/)
  t.is(silent.text, 'old')
  t.regex(silent.field('cache-status') ?? '', /detail=origin-unreachable$/)
  t.is(refused.outcome, 'failed')
})

test('requests for what is on its way wait for one answer, and read along', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()
  const clients = [1, 2, 3].map(() => visit(cache, origin))

  t.is(origin.asked.length, 1)

  const sink = origin.sink()

  sink.start(200, [...FRESH, 'content-length', '10'])
  sink.write(Buffer.from('01234'))
  // Who comes late reads from the start.
  clients.push(visit(cache, origin))
  t.deepEqual(
    clients.map(({ text }) => text),
    ['01234', '01234', '01234', '01234']
  )
  sink.write(Buffer.from('56789'))
  sink.end([])
  t.true(clients.every(({ text, outcome }) => text === '0123456789' && outcome === 'whole'))
  t.is(clients[1]?.field('cache-status'), 'plexnet; fwd=uri-miss; collapsed')
  t.is(origin.asked.length, 1)
})

test('where an answer is for one reader, those who waited ask for themselves, and the next do not wait', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()
  const clients = [1, 2, 3].map(() => visit(cache, origin))

  origin.answer(200, ['cache-control', 'private'], 'yours')
  t.is(origin.asked.length, 3)
  clients.push(visit(cache, origin))
  t.is(origin.asked.length, 4)
  origin.answer(200, ['cache-control', 'private'], 'mine', 1)
  t.is(clients[0]?.text, 'yours')
  t.is(clients[1]?.text, 'mine')
})

test('those who waited hear of the failure, and of an answer that broke off', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()
  const failed = [1, 2].map(() => visit(cache, origin))

  origin.sink().fail(new Error('unreachable'))
  t.true(failed.every(({ outcome }) => outcome === 'failed'))

  const broken = [1, 2].map(() => visit(cache, origin))

  origin.sink().start(200, [...FRESH, 'content-length', '10'])
  origin.sink().write(Buffer.from('012'))
  origin.sink().cut(new Error('reset'))
  t.true(broken.every(({ outcome }) => outcome === 'cut'))
  visit(cache, origin)
  t.is(origin.asked.length, 3)
})

test('a client that leaves ends its request, unless others read along', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()
  const alone = visit(cache, origin)

  alone.flow?.cancel()
  t.is(origin.cancelled, 1)

  const [first, second] = [visit(cache, origin), visit(cache, origin)]

  first.flow?.cancel()
  t.is(origin.cancelled, 1)
  origin.sink().start(200, [...FRESH, 'content-length', '4'])
  origin.sink().write(Buffer.from('ab'))
  t.is(second.text, 'ab')
  second.flow?.cancel()
  t.is(origin.cancelled, 2)
})

test('what is stored comes at the speed of its origin, and what is not at that of its reader', t => {
  const cache = new HttpCache({ maxResponse: 10 })
  const origin = new FakeOrigin()
  const client = visit(cache, origin)

  client.wantsMore = false
  origin.sink().start(200, FRESH)
  t.true(origin.sink().write(Buffer.from('01234')))
  t.false(origin.sink().write(Buffer.from('0123456789')))
  client.flow?.resume()
  t.is(origin.resumed, 1)
  origin.sink().end([])
  t.is(cache.counts.urls, 0)
  t.is(client.text, '012340123456789')
})

test('the store keeps to its budget, and without one nothing is stored', t => {
  const small = new HttpCache({ budget: 10_000 })
  const none = new HttpCache({ budget: 0 })
  const origin = new FakeOrigin()

  for (let index = 0; index < 100; index++) {
    visit(small, origin, {}, { url: `http://example.org/${index}` })
    origin.answer(200, FRESH, 'x'.repeat(500))
  }

  t.true(small.counts.bytes <= 10_000)
  t.true(small.counts.urls > 1)

  visit(none, origin)
  origin.answer(200, FRESH, 'x')
  visit(none, origin)
  t.is(origin.asked.length, 102)
})

test('an unsafe request ends what is stored, and what was on its way before it', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()

  visit(cache, origin)
  origin.answer(200, FRESH, 'old')
  visit(cache, origin, {}, { method: 'DELETE' })
  origin.answer(204, [])

  const slow = visit(cache, origin)

  visit(cache, origin, {}, { method: 'PUT' })
  origin.answer(200, [], '', -1)
  origin.answer(200, FRESH, 'of before', -2)
  t.is(slow.text, 'of before')
  visit(cache, origin)
  t.is(origin.asked.length, 5)
})

test('variants are kept side by side', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()
  const varying = [...FRESH, 'vary', 'Accept-Language']

  for (const language of ['de', 'en']) {
    visit(cache, origin, { 'accept-language': language })
    origin.answer(200, varying, language)
  }

  t.is(visit(cache, origin, { 'accept-language': 'de' }).text, 'de')
  t.is(visit(cache, origin, { 'accept-language': 'en' }).text, 'en')
  t.is(origin.asked.length, 2)

  const third = visit(cache, origin, { 'accept-language': 'fr' })

  origin.answer(200, varying, 'fr')
  t.is(third.field('cache-status'), 'plexnet; fwd=vary-miss; stored')
})

test('parts are stored and joined, and a range of them needs no origin', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()
  const part = (range: string, content: string): void => {
    visit(cache, origin, { range: `bytes=${range}` })
    origin.answer(206, [...FRESH, 'content-range', `bytes ${range}/10`], content)
  }

  part('0-4', '01234')
  part('5-9', '56789')
  t.is(visit(cache, origin, { range: 'bytes=3-6' }).text, '3456')
  t.is(visit(cache, origin).text, '0123456789')
  t.is(visit(cache, origin).status, 200)
  t.is(origin.asked.length, 2)
})

test('a HEAD is answered out of the store, and its answer renews what is stored', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()

  visit(cache, origin)
  origin.answer(200, STALE, 'hello')
  visit(cache, origin, {}, { method: 'HEAD' })
  origin.sink().start(200, FRESH)
  origin.sink().end([])

  const head = visit(cache, origin, {}, { method: 'HEAD' })

  t.is(head.text, '')
  t.is(head.field('content-length'), '5')
  t.is(visit(cache, origin).text, 'hello')
  t.is(origin.asked.length, 2)
})

test('only-if-cached asks nobody, and no-store stores nothing', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()
  const none = visit(cache, origin, { 'cache-control': 'only-if-cached' })

  t.true(none.error instanceof NotStoredError)
  t.is(origin.asked.length, 0)
  visit(cache, origin, { 'cache-control': 'no-store' })
  origin.answer(200, FRESH, 'secret')
  t.is(cache.counts.urls, 0)
})

test('preconditions that only the origin can judge go there', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()

  visit(cache, origin)
  origin.answer(200, FRESH, 'hello')

  const client = visit(cache, origin, { 'if-match': '"b"' })

  origin.answer(412, [])
  t.is(client.status, 412)
})

test('interim answers are passed on and never stored', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()
  const client = visit(cache, origin)

  origin.sink().interim(103, ['link', '</a>'])
  origin.answer(200, FRESH, 'hello')
  t.deepEqual(client.interims, [103])
  t.is(visit(cache, origin).field('link'), undefined)
})

test('fields that the origin keeps to one reader, or to a moment, are not told to the next', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()

  visit(cache, origin)
  origin.answer(
    200,
    [
      'cache-control',
      'max-age=60, private="set-cookie", no-cache="x-now"',
      'set-cookie',
      'a',
      'x-now',
      'b',
      'x',
      'c'
    ],
    'hello'
  )

  const second = visit(cache, origin)

  t.is(second.text, 'hello')
  t.is(second.field('set-cookie'), undefined)
  t.is(second.field('x-now'), undefined)
  t.is(second.field('x'), 'c')
})

test('a GET with content is answered by its origin, and its answer by nobody else', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()
  const asked = { ...requestWith(), body: Readable.from(['content']) }

  cache.serve(asked, origin, new FakeClient())
  origin.answer(200, FRESH, 'poison')
  visit(cache, origin)
  t.is(origin.asked.length, 2)
  origin.answer(200, FRESH, 'hello')
  cache.serve(asked, origin, new FakeClient())
  t.is(origin.asked.length, 3)
})

test('what is renewed behind a reader is renewed as a whole', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()

  visit(cache, origin)
  origin.answer(200, ['cache-control', 'max-age=0, stale-while-revalidate=60'], 'old')
  t.is(visit(cache, origin, { range: 'bytes=0-0', 'if-none-match': '"mine"' }).text, 'o')
  t.deepEqual(origin.last.fields, [])
  origin.answer(200, FRESH, 'new')
  t.is(visit(cache, origin).text, 'new')
})

test('clear forgets everything', t => {
  const cache = new HttpCache()
  const origin = new FakeOrigin()

  visit(cache, origin)
  origin.answer(200, FRESH, 'hello')
  cache.clear()
  t.is(cache.counts.bytes, 0)
  visit(cache, origin)
  t.is(origin.asked.length, 2)
})
