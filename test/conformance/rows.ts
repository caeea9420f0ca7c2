import test, { type ExecutionContext } from 'ava'
import { get } from './request.ts'
import type { Site } from './site.ts'
import { Wire, type WireAnswer } from './wire.ts'

/** What one answer must be. */
export interface Expected {
  /** One of several where the standard leaves the choice. */
  readonly status: number | readonly number[]
  /** By lower-case name: the value, a pattern of it, or undefined for a field that must be absent. */
  readonly fields?: Readonly<Record<string, string | RegExp | undefined>>
  readonly body?: string | RegExp
  /** The request was HEAD, so the answer ends with its fields. */
  readonly isHead?: true
}

export interface Row {
  /** Section of RFC 9110 or 9112, or of another document. */
  readonly section: string
  readonly name: string
  /** `{etag:/path}` stands for the present entity tag of a document. */
  readonly send: string
  /** In order. */
  readonly expect: readonly (number | Expected)[]
  /** What becomes of the connection: `open` answers another request, `closed` says nothing more. */
  readonly connection?: 'open' | 'closed'
  /** The client half-closes after its bytes. */
  readonly halfCloses?: true
}

const PROBE = 'GET /no-such-document HTTP/1.1\r\nHost: localhost\r\n\r\n'
const IMF_FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/

/**
 * Two tests a row, since the first request of a connection goes another way than those that come after it; against one site, or two where rows
 * change it.
 */
export function testRows(site: Site, rows: readonly Row[], siteInUse = site): void {
  for (const row of rows) {
    test(`${row.section}: ${row.name}`, async t => testRow(t, site, row, new Wire(site.port)))
    test(`${row.section}: ${row.name}, on a connection in use`, async t => {
      const wire = new Wire(siteInUse.port)

      wire.send(get('/'))
      t.is((await wire.answer(false))?.status, 200)
      await testRow(t, siteInUse, row, wire)
    })
  }
}

async function testRow(t: ExecutionContext, site: Site, row: Row, wire: Wire): Promise<void> {
  t.teardown(() => wire.destroy())
  wire.send(row.send.replaceAll(/\{etag:([^}]*)\}/g, (_, path: string) => site.etag(path)))

  if (row.halfCloses === true) {
    wire.finish()
  }

  for (const one of row.expect) {
    const expected = typeof one === 'number' ? { status: one } : one

    check(t, await wire.answer(expected.isHead === true), expected)
  }

  if (row.connection === 'open') {
    wire.send(PROBE)
    t.is((await wire.answer(false))?.status, 404, 'the connection stays open')
  } else if (row.connection === 'closed') {
    t.is(await wire.answer(false), undefined, 'the connection is closed')
  }
}

function check(t: ExecutionContext, answer: WireAnswer | undefined, expected: Expected): void {
  if (answer === undefined) {
    t.fail('The connection was closed without an answer.')

    return
  }

  const { status, fields, body } = answer
  const statuses = [expected.status].flat()

  t.true(statuses.includes(status), `status ${status} instead of ${statuses.join(' or ')}`)
  t.is(answer.version, 'HTTP/1.1')

  for (const [name, value] of Object.entries(expected.fields ?? {})) {
    const actual = fields.get(name)?.join(', ')

    if (value instanceof RegExp) {
      t.regex(actual ?? '(none)', value, name)
    } else {
      t.is(actual, value, name)
    }
  }

  if (expected.body instanceof RegExp) {
    t.regex(body.toString('latin1'), expected.body)
  } else if (expected.body !== undefined) {
    t.is(body.toString('latin1'), expected.body)
  }

  if (status >= 200) {
    checkFinal(t, answer, expected.isHead === true)
  }
}

/** What holds for every final answer. */
function checkFinal(
  t: ExecutionContext,
  { status, fields, body }: WireAnswer,
  isHead: boolean
): void {
  // RFC 9110 section 6.6.1
  t.regex(fields.get('date')?.join() ?? '(none)', IMF_FIXDATE, 'Date')
  t.regex(fields.get('server')?.join() ?? '(none)', /\[Plexnet\]/, 'Server')

  // RFC 9112 sections 6.1 and 6.2
  if (status === 204) {
    t.false(fields.has('content-length') || fields.has('transfer-encoding'), 'framing of 204')
  } else if (status !== 304) {
    t.is(Number(fields.has('content-length')) + Number(fields.has('transfer-encoding')), 1)
  }

  if (status >= 400) {
    t.true(
      (isHead ? Number(fields.get('content-length')) : body.length) > 512,
      'error bodies are over 512 bytes'
    )
  }

  if (status === 405) {
    t.true(fields.has('allow'), 'Allow')
  }

  if (status === 401) {
    t.true(fields.has('www-authenticate'), 'WWW-Authenticate')
  }
}
