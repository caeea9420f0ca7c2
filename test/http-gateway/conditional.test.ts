import type { IncomingHttpHeaders } from 'node:http'
import test from 'ava'
import {
  allowsRange,
  checkPreconditions,
  type Verdict
} from '../../http-gateway/site/conditional.ts'

const ETAG = '"a,b-1"'
const AT = 'Sun, 06 Nov 1994 08:49:37 GMT'
const BEFORE = 'Sun, 06 Nov 1994 08:49:36 GMT'
const AFTER = 'Sun, 06 Nov 1994 08:49:38 GMT'
const current = { etag: ETAG, modified: Date.parse(AT) / 1000 }

// RFC 9110 section 13.2.2, by step.
const CASES: [string, IncomingHttpHeaders, Verdict][] = [
  ['1', { 'if-match': ETAG }, 'send'],
  ['1', { 'if-match': '*' }, 'send'],
  ['1', { 'if-match': `"x", ${ETAG}` }, 'send'],
  ['1', { 'if-match': '"x"' }, 'precondition-failed'],
  ['1', { 'if-match': `W/${ETAG}` }, 'precondition-failed'],
  ['1', { 'if-match': ETAG, 'if-unmodified-since': BEFORE }, 'send'],
  ['2', { 'if-unmodified-since': AT }, 'send'],
  ['2', { 'if-unmodified-since': BEFORE }, 'precondition-failed'],
  ['2', { 'if-unmodified-since': 'yesterday' }, 'send'],
  ['3', { 'if-none-match': ETAG }, 'not-modified'],
  ['3', { 'if-none-match': `W/${ETAG}` }, 'not-modified'],
  ['3', { 'if-none-match': '*' }, 'not-modified'],
  ['3', { 'if-none-match': '"x", "y"' }, 'send'],
  ['3', { 'if-none-match': '"x"', 'if-modified-since': AT }, 'send'],
  ['4', { 'if-modified-since': AT }, 'not-modified'],
  ['4', { 'if-modified-since': AFTER }, 'not-modified'],
  ['4', { 'if-modified-since': BEFORE }, 'send'],
  ['4', { 'if-modified-since': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 'not-modified'],
  ['4', { 'if-modified-since': 'Sun Nov  6 08:49:37 1994' }, 'not-modified'],
  ['4', { 'if-modified-since': '1994' }, 'send'],
  ['1 before 3', { 'if-match': '"x"', 'if-none-match': ETAG }, 'precondition-failed']
]

for (const [step, headers, expected] of CASES) {
  test(`step ${step}: ${JSON.stringify(headers)} gives ${expected}`, t => {
    t.is(checkPreconditions(headers, current), expected)
  })
}

test('step 5: a range needs the same strong tag, or the same date', t => {
  t.true(allowsRange(undefined, current))
  t.true(allowsRange(ETAG, current))
  t.true(allowsRange(AT, current))
  t.false(allowsRange('"x"', current))
  t.false(allowsRange(`W/${ETAG}`, current))
  t.false(allowsRange(AFTER, current))
  t.false(allowsRange(BEFORE, current))
})
