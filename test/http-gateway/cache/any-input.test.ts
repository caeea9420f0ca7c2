/** Whatever clients and origins send, the rules give an answer and throw nothing. */
import * as fc from 'fast-check'
import test from 'ava'
import { HttpCache } from '../../../http-gateway/cache/service.ts'
import { FakeClient, FakeOrigin, requestWith } from './helpers.ts'

const RUNS = 500

const NAMES = [
  'age',
  'cache-control',
  'cdn-cache-control',
  'content-length',
  'content-location',
  'content-range',
  'date',
  'etag',
  'expires',
  'last-modified',
  'location',
  'pragma',
  'surrogate-control',
  'vary'
]
const ASKED = [
  'accept-language',
  'authorization',
  'cache-control',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'pragma',
  'range'
]

const PIECES = [
  'max-age',
  '=',
  '60',
  '0',
  '"',
  ',',
  ';',
  ' ',
  '*',
  'no-cache',
  'no-store',
  'private',
  'bytes',
  '-',
  '/',
  '10',
  '"a"',
  'W/',
  'Thu, 01 Jan 2026 00:00:00 GMT',
  's-maxage',
  '\\',
  'stale-while-revalidate',
  'stale-if-error',
  'en',
  'q=0.5',
  'http://',
  '//',
  '[',
  'max-stale'
]

const value = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map(parts => parts.join(''))
)
const fieldsOf = (names: string[]): fc.Arbitrary<[string, string][]> =>
  fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 })

test('any fields of a request and of an answer are lived with', t => {
  const exchange = fc.record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'),
    asked: fieldsOf(ASKED),
    status: fc.constantFrom(200, 204, 206, 299, 301, 304, 404, 412, 416, 500, 503, 999),
    answered: fieldsOf(NAMES),
    body: fc.string({ maxLength: 12 }),
    end: fc.constantFrom('end', 'cut', 'fail')
  })

  fc.assert(
    fc.property(fc.array(exchange, { minLength: 1, maxLength: 6 }), exchanges => {
      const cache = new HttpCache({ budget: 20_000, maxResponse: 10 })
      const origin = new FakeOrigin()

      for (const { method, asked, status, answered, body, end } of exchanges) {
        const client = new FakeClient()
        const before = origin.asked.length

        cache.serve(requestWith(Object.fromEntries(asked), { method }), origin, client)

        for (let turn = before; turn < origin.asked.length; turn++) {
          const sink = origin.sink(turn)

          if (turn > before) {
            // It was asked again, after a 304 for another response.
            origin.answer(404, [], '', turn)
          } else if (end === 'fail') {
            sink.fail(new Error('unreachable'))
          } else {
            sink.start(status, answered.flat())
            sink.write(Buffer.from(body))

            if (end === 'end') {
              sink.end([])
            } else {
              sink.cut(new Error('reset'))
            }
          }
        }

        if (client.outcome === undefined) {
          return false
        }

        if (cache.counts.bytes > 20_000) {
          return false
        }
      }

      return true
    }),
    { numRuns: RUNS }
  )
  t.pass()
})
