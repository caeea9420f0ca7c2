import { exp, log } from '../engine/pinned-math.ts'
import { Streams, type RandomStream } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { MINUTE, SECOND } from '../engine/ticks.ts'
import { Transfer, type Mirror } from '../fetch/transfer.ts'
import { Sample } from '../measures.ts'
import { PlaneLatency } from '../network/latency.ts'
import { numberOf, type Run, type Scenario, type Setup, type Values } from '../scenario.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const READ = 64
const CHUNK = 65

/** How mirrors are chosen: by the node's plan among all, the nearest alone, or any one alone. */
type Way = 'plan' | 'nearest' | 'random'

/** Between two readers, each alone; longer than any read takes. */
const APART: number = 10 * MINUTE

/** A reader fetches a file from mirrors of every kind. */
export const MIRROR_SELECT: Scenario = {
  name: 'mirror-select',
  title: 'Which mirrors a reader takes a file from',
  description:
    "Mirrors are near or far, quick or slow, off or lying. The node's own ranking and plan ask the best, and others where they help, measure them, hedge and drop liars; beside it the same reader takes the file from the nearest mirror alone, and from any one. How soon is the first block there, and the whole file?",
  parameters: {
    size: {
      description: 'size of the file',
      unit: 'size',
      default: '16MiB',
      least: 1,
      most: 2 ** 30
    },
    mirrors: {
      description: 'mirrors of the file',
      unit: 'count',
      default: '6',
      least: 1,
      most: 64
    },
    readers: {
      description: 'readers, each with mirrors drawn anew',
      unit: 'count',
      default: '30',
      least: 1,
      most: 100_000
    },
    'rate.least': {
      description: 'slowest line of a mirror',
      unit: 'rate',
      default: '2Mbit/s',
      least: 1000
    },
    'rate.most': {
      description: 'quickest line of a mirror',
      unit: 'rate',
      default: '100Mbit/s',
      least: 1000
    },
    downlink: { description: "the reader's line", unit: 'rate', default: '100Mbit/s', least: 1000 },
    off: { description: 'mirrors that are off', unit: 'share', default: '20%' },
    wrong: { description: 'mirrors that send wrong blocks', unit: 'share', default: '10%' }
  },
  figures: {
    whole: { label: 'Read whole, by the plan', unit: '%', headline: true },
    first: { label: 'First block, median', unit: 's', headline: true },
    time: { label: 'Whole file, median', unit: 's', headline: true },
    p95: { label: 'Whole file, 95th percentile', unit: 's' },
    nearestShare: { label: 'Bytes of the nearest good mirror, by the plan', unit: '%' },
    extra: { label: 'Bytes fetched in vain', unit: '%' },
    nearestWhole: { label: 'Read whole, from the nearest alone', unit: '%' },
    nearestTime: { label: 'Whole file from the nearest alone, median', unit: 's' },
    randomWhole: { label: 'Read whole, from any one alone', unit: '%' },
    randomTime: { label: 'Whole file from any one alone, median', unit: 's' }
  },
  charts: {
    time: {
      title: 'Time until the whole file is there',
      x: 'readers that get it, %',
      y: 's',
      logY: true
    }
  },
  leavesOut: [
    'Each reader knows its mirrors and, by coordinates without an error, how far they are, but none of them yet; one that has read before knows which are quick.',
    'Lines have a constant rate from the first byte and no loss; connecting takes one round trip.',
    'Mirrors have nobody else to serve: see flash-crowd.'
  ],
  check: values =>
    numberOf(values, 'rate.least') > numberOf(values, 'rate.most')
      ? 'rate.least is at most rate.most'
      : numberOf(values, 'off') + numberOf(values, 'wrong') > 1
        ? 'off and wrong together are at most all'
        : undefined,
  begin
}

interface Seen {
  readonly first: Sample
  readonly time: Sample
  reads: number
  bytes: number
  /** Of the nearest mirror that is good. */
  nearest: number
  wanted: number
}

function begin({ seed, values }: Setup): Run {
  const simulation = new Simulation()
  const streams = new Streams(seed)
  const stream = streams.stream('mirrors')
  const count = numberOf(values, 'mirrors')
  const readers = numberOf(values, 'readers')
  const size = numberOf(values, 'size')
  const latency = new PlaneLatency((count + 1) * readers, streams.stream('places'))
  const transfers: Transfer[] = []
  const seen = { plan: seenNothing(), nearest: seenNothing(), random: seenNothing() }

  simulation.handle(READ, (kind, number, request) => {
    if (kind === CHUNK) transfers[number]!.chunk(request)
    else read(number)
  })
  simulation.after(0, READ, 0)

  function read(reader: number): void {
    const mirrors = Array.from({ length: count }, (_, index) =>
      drawMirror(
        values,
        stream,
        index,
        2 * latency.oneWay(reader * (count + 1), reader * (count + 1) + index + 1)
      )
    )
    const nearest = mirrors.toSorted((a, b) => a.roundTrip - b.roundTrip)
    const any = mirrors[stream.below(count)]!

    fetch('plan', nearest)
    fetch('nearest', nearest.slice(0, 1))
    fetch('random', [any])
    if (reader + 1 < readers) simulation.after(APART, READ, reader + 1)
  }

  function fetch(way: Way, mirrors: readonly Mirror[]): void {
    const started = simulation.now
    const number = transfers.length
    const found = seen[way]
    const best = mirrors.find(({ behaviour }) => behaviour === 'good')
    const transfer = new Transfer({
      simulation,
      mirrors,
      size,
      downlink: numberOf(values, 'downlink'),
      after: (delay, request) => simulation.after(delay, CHUNK, number, request),
      onEnd: ended => {
        found.bytes += ended.bytes
        found.nearest += ended.bytesOf.get(best?.id ?? '') ?? 0
        found.wanted += ended.isWhole ? size : 0
        if (!ended.isWhole) return
        found.first.add((ended.firstByteAt! - started) / SECOND)
        found.time.add((simulation.now - started) / SECOND)
      }
    })

    found.reads += 1
    transfers.push(transfer)
    transfer.start()
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => count,
    until: readers * APART,
    outcome: () => {
      const { plan, nearest, random } = seen
      const [time = Number.NaN, p95 = Number.NaN] = plan.time.at(0.5, 0.95)

      return {
        figures: {
          whole: wholeShare(plan),
          first: plan.first.at(0.5)[0] ?? Number.NaN,
          time,
          p95,
          nearestShare: 100 * (plan.nearest / plan.bytes),
          extra: 100 * (plan.bytes / plan.wanted - 1),
          nearestWhole: wholeShare(nearest),
          nearestTime: nearest.time.at(0.5)[0] ?? Number.NaN,
          randomWhole: wholeShare(random),
          randomTime: random.time.at(0.5)[0] ?? Number.NaN
        },
        lines: {
          time: {
            'the plan': plan.time.distribution,
            'the nearest alone': nearest.time.distribution,
            'any one alone': random.time.distribution
          }
        }
      }
    }
  })
}

/** In percent. */
function wholeShare({ time: { count: whole }, reads }: Seen): number {
  return (100 * whole) / reads
}

function seenNothing(): Seen {
  return { first: new Sample(), time: new Sample(), reads: 0, bytes: 0, nearest: 0, wanted: 0 }
}

/** Rates are as likely in each octave. */
function drawMirror(
  values: Values,
  stream: RandomStream,
  index: number,
  roundTrip: number
): Mirror {
  const [least, most] = [log(numberOf(values, 'rate.least')), log(numberOf(values, 'rate.most'))]
  const rate = exp(least + stream.uniform() * (most - least))
  const fate = stream.uniform()
  const off = numberOf(values, 'off')
  const behaviour = fate < off ? 'off' : fate < off + numberOf(values, 'wrong') ? 'wrong' : 'good'

  return { id: `mirror-${index}`, roundTrip, rate, behaviour }
}
