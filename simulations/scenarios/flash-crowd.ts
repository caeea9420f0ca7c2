import { exponential } from '../engine/distributions.ts'
import { exp } from '../engine/pinned-math.ts'
import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { HOUR, MINUTE, SECOND } from '../engine/ticks.ts'
import { Sample, Timeline } from '../measures.ts'
import { Uplinks } from '../network/uplink.ts'
import { numberOf, type Run, type Scenario, type Setup, type Values } from '../scenario.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const ARRIVAL = 64
const ASK_ORIGIN = 65
const ASK_MIRROR = 66
const ACCEPTED = 67

const ORIGIN = 0

/** Mirrors that a reader tries before it goes back to the origin. */
const MIRRORS_TRIED = 3

/** Points of a line over time. */
const STRETCHES = 60

/** Means of the decay after which nobody is left to come. */
const DECAYS = 4

/** Far more readers than usual come to one small line at once. */
export const FLASH_CROWD: Scenario = {
  name: 'flash-crowd',
  title: 'A flash crowd on a home line',
  description:
    'Readers come in a ramp, a plateau and a decay. Above its threshold the publisher sends readers that are nodes to mirrors and asks the others to come back; readers that offer to mirror become mirrors once they are checked. Who gets the page, from whom, and when?',
  parameters: {
    'page.size': { description: 'what a reader fetches', unit: 'size', default: '2MB', least: 1 },
    'origin.uplink': {
      description: "the publisher's line",
      unit: 'rate',
      default: '20Mbit/s',
      least: 1
    },
    'origin.threshold': {
      description: 'transfers at once from which on it sends readers away',
      unit: 'count',
      default: '20',
      least: 1
    },
    mirrors: { description: 'mirrors at the beginning', unit: 'count', default: '3', most: 10_000 },
    'mirror.uplink': {
      description: 'line of a mirror',
      unit: 'rate',
      default: '20Mbit/s',
      least: 1
    },
    'mirror.threshold': {
      description: 'transfers at once from which on a mirror refuses',
      unit: 'count',
      default: '20',
      least: 1
    },
    'node.share': {
      description: 'readers that come through a node and follow to a mirror',
      unit: 'share',
      default: '50%'
    },
    'offer.share': {
      description: 'of these, how many offer to mirror',
      unit: 'share',
      default: '10%'
    },
    'offer.check': {
      description: 'until a new mirror is checked and listed',
      unit: 'duration',
      default: '1m'
    },
    'retry.after': {
      description: 'how long a reader that is sent away waits',
      unit: 'duration',
      default: '30s',
      least: 1000
    },
    retries: { description: 'how often it comes back', unit: 'count', default: '3', most: 100 },
    patience: {
      description: 'a page that takes longer has failed',
      unit: 'duration',
      default: '60s',
      least: 1000
    },
    'round.trip': { description: 'a question and its answer', unit: 'duration', default: '100ms' },
    'peak.rate': {
      description: 'readers a second at the peak',
      unit: 'number',
      default: '20',
      least: 0.001,
      most: 100_000
    },
    ramp: {
      description: 'until the peak is reached',
      unit: 'duration',
      default: '5m',
      least: 1000
    },
    plateau: {
      description: 'how long it lasts',
      unit: 'duration',
      default: '20m',
      most: 48 * HOUR
    },
    decay: {
      description: 'mean of the exponential decay',
      unit: 'duration',
      default: '10m',
      least: 1000
    }
  },
  figures: {
    offload: { label: 'Bytes that mirrors sent', unit: '%', headline: true },
    failed: { label: 'Readers without the page', unit: '%', headline: true },
    nodesFailed: { label: 'Of those that come through a node', unit: '%', headline: true },
    absorbed: { label: 'From the first refusal to the last', unit: 'min', headline: true },
    median: { label: 'Time to the whole page, median', unit: 's' },
    p95: { label: 'Time to the whole page, 95th percentile', unit: 's' },
    mirrors: { label: 'Mirrors at the end', unit: '' },
    refusals: { label: 'Refusals for each reader', unit: '' }
  },
  charts: {
    readers: { title: 'Readers by how it ended', x: 'time of arrival, min', y: 'readers a second' },
    failed: { title: 'Readers without the page', x: 'time of arrival, min', y: '%' },
    mirrors: { title: 'Mirrors', x: 'time, min', y: 'mirrors' }
  },
  leavesOut: [
    'Only lines out are scarce; those of the readers, the processor, memory and connections are not.',
    'A line is shared evenly from the first byte: TCP takes time to find its share, and long ways get less.',
    'Mirrors stay. Those that go or lie are another question: see churn and validation.',
    'The page changes for nobody and is one file.'
  ],
  begin
}

interface Reader {
  readonly arrived: number
  readonly isNode: boolean
  refusals: number
  tried: number
}

function begin({ seed, values }: Setup): Run {
  const simulation = new Simulation()
  const streams = new Streams(seed)
  const arrivals = streams.stream('arrivals')
  const kinds = streams.stream('kinds')
  const choice = streams.stream('mirrors')
  const uplinks = new Uplinks(simulation)
  const value = (name: string): number => numberOf(values, name)
  const busy = value('ramp') + value('plateau') + DECAYS * value('decay')
  const until = Math.ceil(
    busy + (value('retries') + 1) * value('retry.after') + value('patience') * 2
  )
  const readers: Reader[] = []
  const seen = { time: new Sample(), failed: 0, nodes: 0, nodesFailed: 0, ended: 0 }
  const lines = {
    served: new Timeline(busy, STRETCHES),
    failed: new Timeline(busy, STRETCHES),
    mirrors: new Timeline(until, STRETCHES)
  }
  const refusals = { count: 0, first: Number.NaN, last: Number.NaN }
  let mirrors = value('mirrors')

  uplinks.add(ORIGIN, value('origin.uplink'))
  for (let mirror = 1; mirror <= mirrors; mirror += 1) uplinks.add(mirror, value('mirror.uplink'))

  simulation.handle(ARRIVAL, (kind, number) => {
    if (kind === ARRIVAL) arrive()
    else if (kind === ASK_ORIGIN) askOrigin(readers[number]!, number)
    else if (kind === ASK_MIRROR) askMirror(readers[number]!, number)
    else accept()
  })
  simulation.after(0, ARRIVAL, 0)

  function arrive(): void {
    const now = simulation.now

    // Readers come at the rate of the peak, and those who would be too many now are left out.
    if (arrivals.uniform() < shareOfPeak(values, now)) {
      const reader = {
        arrived: now,
        isNode: kinds.uniform() < value('node.share'),
        refusals: 0,
        tried: 0
      }

      readers.push(reader)
      simulation.after(value('round.trip'), ASK_ORIGIN, readers.length - 1)
    }
    lines.mirrors.add(now, mirrors)

    const next = Math.max(1, Math.round(exponential(arrivals, SECOND / value('peak.rate'))))

    if (now + next < busy) simulation.after(next, ARRIVAL, 0)
  }

  function askOrigin(reader: Reader, number: number): void {
    if (uplinks.active(ORIGIN) < value('origin.threshold')) send(reader, ORIGIN)
    else if (reader.isNode && mirrors > 0) simulation.after(value('round.trip'), ASK_MIRROR, number)
    else refuse(reader, number)
  }

  function askMirror(reader: Reader, number: number): void {
    const mirror = 1 + choice.below(mirrors)

    reader.tried += 1
    if (uplinks.active(mirror) < value('mirror.threshold')) send(reader, mirror)
    else if (reader.tried % MIRRORS_TRIED === 0) refuse(reader, number)
    else simulation.after(value('round.trip'), ASK_MIRROR, number)
  }

  function refuse(reader: Reader, number: number): void {
    refusals.count += 1
    refusals.last = simulation.now
    if (Number.isNaN(refusals.first)) refusals.first = simulation.now
    reader.refusals += 1

    if (reader.refusals > value('retries')) end(reader, false)
    else simulation.after(value('retry.after'), ASK_ORIGIN, number)
  }

  function send(reader: Reader, from: number): void {
    const began = simulation.now

    uplinks.send(from, value('page.size'), () =>
      end(reader, simulation.now - began <= value('patience'))
    )
  }

  function end(reader: Reader, isWhole: boolean): void {
    seen.ended += 1
    seen.nodes += reader.isNode ? 1 : 0
    lines.served.add(reader.arrived, 1)
    lines.failed.add(reader.arrived, isWhole ? 0 : 100)

    if (!isWhole) {
      seen.failed += 1
      seen.nodesFailed += reader.isNode ? 1 : 0
      return
    }
    seen.time.add((simulation.now - reader.arrived) / SECOND)
    if (reader.isNode && kinds.uniform() < value('offer.share'))
      simulation.after(value('offer.check'), ACCEPTED, 0)
  }

  function accept(): void {
    mirrors += 1
    uplinks.add(mirrors, value('mirror.uplink'))
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => 1 + mirrors,
    until,
    outcome: () => {
      const [median = Number.NaN, p95 = Number.NaN] = seen.time.at(0.5, 0.95)
      const origin = uplinks.sent(ORIGIN)
      const all = Array.from({ length: mirrors }, (_, index) => uplinks.sent(index + 1)).reduce(
        (sum, bytes) => sum + bytes,
        origin
      )
      const perSecond = (STRETCHES * SECOND) / busy

      return {
        figures: {
          offload: 100 * (1 - origin / all),
          failed: (100 * seen.failed) / seen.ended,
          nodesFailed: (100 * seen.nodesFailed) / seen.nodes,
          absorbed: refusals.count === 0 ? 0 : (refusals.last - refusals.first) / MINUTE,
          median,
          p95,
          mirrors,
          refusals: refusals.count / seen.ended
        },
        lines: {
          readers: {
            all: lines.served.sums(MINUTE, perSecond),
            'without the page': lines.failed.sums(MINUTE, perSecond / 100)
          },
          failed: { readers: lines.failed.means(MINUTE) },
          mirrors: { mirrors: lines.mirrors.means(MINUTE) }
        }
      }
    }
  })
}

/** The rate at a time, as a share of the peak's. */
function shareOfPeak(values: Values, now: number): number {
  const ramp = numberOf(values, 'ramp')
  const over = now - ramp - numberOf(values, 'plateau')

  if (now < ramp) return now / ramp

  return over < 0 ? 1 : exp(-over / numberOf(values, 'decay'))
}
