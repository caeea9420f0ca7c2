import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import pino from 'pino'
import { BUCKETS, Distribution } from '../../../http-gateway/metrics/distribution.ts'
import type { Gateway } from '../../../http-gateway/index.ts'
import {
  startReports,
  type ReportOptions,
  type Reports
} from '../../../http-gateway/reports/service.ts'
import { ask, converse } from '../client.ts'
import { hostOf, newIdentities, newPublisher, temporaryDirectory } from '../fixture.ts'
import { parseMetrics, type Family } from './text-format.ts'

const { own, other } = await newIdentities('own', 'other')
const TOKEN = 'correct-horse-battery'

async function reported(
  t: ExecutionContext,
  options: Partial<ReportOptions> = {}
): Promise<{ gateway: Gateway; reports: Reports }> {
  const gateway = await newPublisher(t, own, { 'a.txt': 'twelve bytes' }, { ownerToken: TOKEN })
  const reports = await startReports(gateway.events, {
    metrics: { enabled: true, port: undefined },
    version: '0.1.0',
    present: () => ({ uptime: 5, peers: 3, hotFiles: gateway.hotFiles }),
    logger: pino({ level: 'silent' }),
    ...options
  })

  t.teardown(async () => reports.close())

  return { gateway, reports }
}

function valueOf(
  families: Map<string, Family>,
  name: string,
  labels: Record<string, string> = {},
  sample = name
): number | undefined {
  return families
    .get(name)
    ?.samples.find(
      found =>
        found.name === sample &&
        Object.entries(labels).every(([label, value]) => found.labels[label] === value)
    )?.value
}

/** Resolves when so many requests were told of. */
async function requestsOf(gateway: Gateway, count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let told = 0

  gateway.events.listen('request', () => {
    told += 1

    if (told === count) resolve(undefined)
  })

  return promise
}

// A32: pluggable monitoring and statistics
test('requests, bytes, durations, connections, uploads and lookups are counted', async t => {
  const { gateway, reports } = await reported(t)
  const headers = { authorization: `Bearer ${TOKEN}` }
  const answered = requestsOf(gateway, 6)

  await ask(gateway.http[0], '/a.txt')
  await ask(gateway.http[0], '/a.txt')
  await ask(gateway.https[0], '/none')
  await ask(gateway.http[0], '/b', { method: 'PUT', headers, content: Buffer.from('12345') })
  await ask(gateway.http[0], '/', { host: hostOf(other) })
  await ask(gateway.http[0], '/', { method: 'FROB' }).catch(() => undefined)
  await converse(gateway.http[0], 'rubbish\r\n\r\n')

  const open = connect(gateway.httpPort, '127.0.0.1')

  await once(open, 'connect')
  open.write('GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(open, 'data')
  await answered

  const text = await reports.metrics()
  const families = parseMetrics(text)
  const requests = 'plexnet_http_requests_total'
  const durations = 'plexnet_http_request_duration_seconds'

  open.destroy()
  t.is(valueOf(families, requests, { method: 'GET', status: '2xx' }), 3)
  t.is(valueOf(families, requests, { method: 'GET', status: '4xx' }), 2)
  t.is(valueOf(families, requests, { method: 'PUT', status: '2xx' }), 1)

  const hits = valueOf(families, 'plexnet_hot_files_hits_total') ?? 0

  // The change in between may or may not have made the file looked at anew.
  t.true(hits === 1 || hits === 2, String(hits))
  t.is(valueOf(families, 'plexnet_http_response_bytes_total', { server: 'memory' }), 12 * hits)
  t.is(valueOf(families, durations, { server: 'memory' }, `${durations}_count`), hits)
  t.is(valueOf(families, durations, { server: 'memory', le: '30' }, `${durations}_bucket`), hits)
  t.true((valueOf(families, durations, { server: 'own' }, `${durations}_sum`) ?? 0) > 0)
  t.true((valueOf(families, 'plexnet_http_open_connections', { transport: 'plain' }) ?? 0) >= 1)
  t.is(valueOf(families, 'plexnet_http_connections_total', { transport: 'tls' }), 1)
  t.true((valueOf(families, 'plexnet_http_parse_errors_total', { status: '400' }) ?? 0) >= 1)
  t.is(valueOf(families, 'plexnet_uploads_total', { method: 'PUT' }), 1)
  t.is(valueOf(families, 'plexnet_upload_bytes_total'), 5)
  t.is(valueOf(families, 'plexnet_lookups_total', { outcome: 'PLEXNET_NOT_FOUND' }), 1)
  t.is(valueOf(families, 'plexnet_hot_files'), 1)
  t.true((valueOf(families, 'plexnet_hot_files_bytes') ?? 0) >= 12)
  t.is(valueOf(families, 'plexnet_peers'), 3)
  t.is(valueOf(families, 'plexnet_info', { version: '0.1.0' }), 1)
  t.true((valueOf(families, 'process_resident_memory_bytes') ?? 0) > 1_000_000)
  t.true(families.has('nodejs_eventloop_lag_seconds'))
  t.true(families.has('nodejs_eventloop_lag_p99_seconds'))
})

test('no client can make the figures grow', async t => {
  const { gateway, reports } = await reported(t)
  const answered = requestsOf(gateway, 4)

  for (const method of ['PURGE', 'MKCOL', 'LOCK', 'SEARCH']) {
    await ask(gateway.http[0], '/', { method })
  }

  await answered

  const families = parseMetrics(await reports.metrics())

  t.deepEqual(
    families.get('plexnet_http_requests_total')?.samples.map(({ labels }) => labels),
    [{ method: 'other', status: '5xx' }]
  )
})

test('Prometheus reads /metrics on a loopback port, and pages of other names do not', async t => {
  const { reports } = await reported(t, { metrics: { enabled: true, port: 0 } })
  const { origin } = new URL(reports.metricsUrl ?? '')
  const answer = await ask(origin, '/metrics')

  t.is(answer.status, 200)
  t.is(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  t.notThrows(() => parseMetrics(answer.body.toString()))

  const head = await ask(origin, '/metrics', { method: 'HEAD' })

  t.is(head.status, 200)
  t.is(head.body.length, 0)
  t.is((await ask(origin, '/')).status, 404)
  t.like(await ask(origin, '/metrics', { method: 'POST' }), { status: 405 })
  t.is((await ask(origin, '/metrics', { host: 'evil.example' })).status, 421)
  t.is((await ask(origin, '/metrics', { host: 'localhost:9100' })).status, 200)
})

test('where nothing is to be counted, nothing is', async t => {
  const { gateway, reports } = await reported(t, { metrics: { enabled: false, port: undefined } })

  t.false(gateway.events.wants('answer'))
  t.regex(await reports.metrics(), /^# Nothing is counted/)
})

test('what asking nodes nearby brought is among the figures (C16)', async t => {
  const siblings = {
    asked: 6,
    hits: 3,
    misses: 2,
    unanswered: 1,
    waited: 500,
    blocks: 4,
    bytes: 1000,
    saved: 2500
  }
  const { reports } = await reported(t, {
    present: () => ({ uptime: 5, peers: 3, hotFiles: { count: 0, bytes: 0 }, siblings })
  })
  const families = parseMetrics(await reports.metrics())
  const asked = 'plexnet_sibling_questions_total'

  t.is(valueOf(families, asked, { answer: 'hit' }), 3)
  t.is(valueOf(families, asked, { answer: 'miss' }), 2)
  t.is(valueOf(families, asked, { answer: 'none' }), 1)
  t.is(valueOf(families, 'plexnet_sibling_bytes_total'), 1000)
  t.is(valueOf(families, 'plexnet_sibling_waited_seconds_total'), 0.5)
  t.is(valueOf(families, 'plexnet_sibling_saved_seconds_total'), 2.5)
})

test('a log that cannot be opened leaves nothing listening', async t => {
  const { gateway } = await reported(t, { metrics: { enabled: false, port: undefined } })

  await t.throwsAsync(
    startReports(gateway.events, {
      accessLog: {
        destination: join(await temporaryDirectory(t), 'none', 'access.log'),
        format: 'combined',
        shortenAddresses: false,
        bufferSize: 65_536,
        flushInterval: 10
      },
      metrics: { enabled: true, port: 0 },
      version: '0',
      present: () => ({ uptime: 0, peers: 0, hotFiles: { count: 0, bytes: 0 } }),
      logger: pino({ level: 'silent' })
    }),
    { code: 'PLEXNET_ACCESS_LOG' }
  )
  t.false(gateway.events.wants('request'))
})

test('a duration counts in the bucket that it fits into, the bound included', t => {
  const distribution = new Distribution()

  for (const milliseconds of [0, 0.5, 0.50001, 1000, 30_000, 30_001]) {
    distribution.add(milliseconds)
  }

  const [first, second] = distribution.cumulative

  t.is(distribution.count, 6)
  t.deepEqual(
    [first, second],
    [
      { atMost: 0.0005, count: 2 },
      { atMost: 0.001, count: 3 }
    ]
  )
  t.is(distribution.cumulative.length, BUCKETS.length)
  t.is(distribution.cumulative.at(-1)?.count, 5)
})

const WRONG = [
  ['no end', '# HELP a_total x\n# TYPE a_total counter\na_total 1'],
  ['no help', '# TYPE a_total counter\na_total 1\n'],
  ['a sample of another name', '# HELP a_total x\n# TYPE a_total counter\nb_total 1\n'],
  ['a bad number', '# HELP a_total x\n# TYPE a_total counter\na_total one\n'],
  ['a sample twice', '# HELP a x\n# TYPE a gauge\na 1\na 2\n'],
  ['a counter without its suffix', '# HELP a x\n# TYPE a counter\na 1\n'],
  ['a name without its unit', '# HELP plexnet_a x\n# TYPE plexnet_a gauge\nplexnet_a 1\n'],
  [
    'a histogram without +Inf',
    '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 1\n'
  ]
] as const

for (const [name, text] of WRONG) {
  test(`the parser of these tests refuses ${name}`, t => {
    t.throws(() => parseMetrics(text))
  })
}
