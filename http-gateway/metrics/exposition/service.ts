import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { SiblingCounts } from '../../../overlay/content/siblings/index.ts'
import type { Distribution } from '../distribution.ts'
import type { Tally } from '../tally.ts'
import { DistributionMetric } from './distribution/service.ts'

/** What a node has at this moment. */
export interface PresentFigures {
  /** Seconds since the start. */
  readonly uptime: number
  readonly peers: number
  readonly hotFiles: { readonly count: number; readonly bytes: number }
  readonly droppedLogLines: number
  /** What asking nodes nearby for what they have read brought. */
  readonly siblings?: SiblingCounts | undefined
}

type Labels = Readonly<Record<string, string | number>>
type Rows = readonly (readonly [Labels, number])[]

// Gauges with the suffix of counters, of which promtool complains.
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total'
]

let ofProcess: Registry | undefined

/** All figures as text; those of the process (memory, CPU, delay of the event loop) are gathered from the first time on. */
export async function expose(
  tally: Tally,
  present: PresentFigures,
  version: string
): Promise<string> {
  if (ofProcess === undefined) {
    ofProcess = new Registry()
    collectDefaultMetrics({ register: ofProcess })
    MISNAMED.forEach(name => ofProcess?.removeSingleMetric(name))
  }

  const own = new Registry()

  gauge(own, 'plexnet_info', 'The software that runs.', [[{ version }, 1]])
  gauge(own, 'plexnet_uptime_seconds', 'Time since the start.', [[{}, present.uptime]])
  exposeRequests(own, tally)
  exposeConnections(own, tally)
  exposeSite(own, tally, present)
  exposeNetwork(own, tally, present)
  if (present.siblings !== undefined) exposeSiblings(own, present.siblings)
  counter(
    own,
    'plexnet_access_log_dropped_lines_total',
    'Lines of the access log that its destination could not take.',
    [[{}, present.droppedLogLines]]
  )

  return Registry.merge([own, ofProcess]).metrics()
}

function exposeRequests(registry: Registry, tally: Tally): void {
  const requests = [...tally.requests].flatMap(([method, classes]) =>
    [...classes].flatMap((count, index): Rows => {
      return count === 0 ? [] : [[{ method, status: `${index + 1}xx` }, count]]
    })
  )

  counter(
    registry,
    'plexnet_http_requests_total',
    'Requests answered, by method and class of status.',
    requests,
    ['method', 'status']
  )
  counter(
    registry,
    'plexnet_http_requests_broken_off_total',
    'Requests whose connection ended before the answer.',
    [[{}, tally.brokenOff]]
  )
  counter(
    registry,
    'plexnet_http_response_bytes_total',
    'Content of answers, by what answered.',
    [...tally.responseBytes].map(([server, bytes]) => [{ server }, bytes]),
    ['server']
  )
  histogram(
    registry,
    'plexnet_http_request_duration_seconds',
    'From the fields of a request to the last byte of its answer, or from memory until the system has it, by what answered.',
    [...tally.durations].map(([server, durations]) => [{ server }, durations])
  )
  counter(
    registry,
    'plexnet_http_parse_errors_total',
    'What clients sent that was no request, by the status that they were told.',
    [...tally.parseErrors].map(([status, count]) => [{ status }, count]),
    ['status']
  )
}

function exposeConnections(registry: Registry, { connections }: Tally): void {
  const rows = Object.entries(connections)

  gauge(
    registry,
    'plexnet_http_open_connections',
    'Connections of clients that are open.',
    rows.map(([transport, { open }]) => [{ transport }, open])
  )
  counter(
    registry,
    'plexnet_http_connections_total',
    'Connections of clients ever opened.',
    rows.map(([transport, { total }]) => [{ transport }, total])
  )
}

function exposeSite(registry: Registry, tally: Tally, { hotFiles }: PresentFigures): void {
  counter(registry, 'plexnet_hot_files_hits_total', 'Requests answered from memory.', [
    [{}, tally.durations.get('memory')?.count ?? 0]
  ])
  counter(
    registry,
    'plexnet_hot_files_misses_total',
    'Requests for this node’s own names that were not answered from memory.',
    [[{}, tally.durations.get('own')?.count ?? 0]]
  )
  gauge(registry, 'plexnet_hot_files', 'Files in memory.', [[{}, hotFiles.count]])
  gauge(registry, 'plexnet_hot_files_bytes', 'Memory that they take.', [[{}, hotFiles.bytes]])
  counter(
    registry,
    'plexnet_uploads_total',
    'Changes that the owner made to the site, by method.',
    [...tally.uploads].map(([method, count]) => [{ method }, count]),
    ['method']
  )
  counter(registry, 'plexnet_upload_bytes_total', 'Content of documents that the owner sent.', [
    [{}, tally.uploadBytes]
  ])
  counter(registry, 'plexnet_handler_errors_total', 'Request handlers that failed.', [
    [{}, tally.handlerErrors]
  ])
}

function exposeNetwork(registry: Registry, tally: Tally, { peers }: PresentFigures): void {
  gauge(registry, 'plexnet_peers', 'Nodes in the routing table.', [[{}, peers]])
  counter(
    registry,
    'plexnet_lookups_total',
    'Lookups of other nodes, by the source of the answer or the code of the error.',
    [...tally.lookups].map(([outcome, count]) => [{ outcome }, count]),
    ['outcome']
  )
  histogram(registry, 'plexnet_lookup_duration_seconds', 'How long lookups of other nodes took.', [
    [{}, tally.lookupDurations]
  ])
}

function exposeSiblings(registry: Registry, counts: SiblingCounts): void {
  counter(
    registry,
    'plexnet_sibling_questions_total',
    'Nodes nearby that were asked for what is read here, by what they said.',
    [
      [{ answer: 'hit' }, counts.hits],
      [{ answer: 'miss' }, counts.misses],
      [{ answer: 'none' }, counts.unanswered]
    ]
  )
  counter(
    registry,
    'plexnet_sibling_bytes_total',
    'What nodes nearby sent in place of farther sources.',
    [[{}, counts.bytes]]
  )
  counter(
    registry,
    'plexnet_sibling_waited_seconds_total',
    'How long readers waited for answers that did not help.',
    [[{}, counts.waited / 1000]]
  )
  counter(
    registry,
    'plexnet_sibling_saved_seconds_total',
    'How much farther the nearest other source was, summed over the blocks: several come at once.',
    [[{}, counts.saved / 1000]]
  )
}

/** @param labels of all rows, since one without would stand for their sum while there are none */
function counter(
  registry: Registry,
  name: string,
  help: string,
  rows: Rows,
  labels: string[] = labelsOf(rows)
): void {
  const metric = new Counter({ name, help, registers: [registry], labelNames: labels })

  for (const [row, value] of rows) {
    metric.inc(row, value)
  }
}

function gauge(registry: Registry, name: string, help: string, rows: Rows): void {
  const metric = new Gauge({ name, help, registers: [registry], labelNames: labelsOf(rows) })

  for (const [labels, value] of rows) {
    metric.set(labels, value)
  }
}

function histogram(
  registry: Registry,
  name: string,
  help: string,
  rows: readonly (readonly [Labels, Distribution])[]
): void {
  registry.registerMetric(new DistributionMetric(name, help, rows))
}

function labelsOf(rows: Rows): string[] {
  return [...new Set(rows.flatMap(([labels]) => Object.keys(labels)))]
}
