import { HOUR, MILLISECOND, MINUTE, SECOND } from '../engine/ticks.ts'
import { Streams } from '../engine/random.ts'
import { ChurningNetwork } from '../kademlia/churning-network.ts'
import { createNetwork } from '../kademlia/network.ts'
import { exponentialSessions } from '../network/churn.ts'
import { PlaneLatency } from '../network/latency.ts'
import { lowerHull, valueOn } from '../lower-hull.ts'
import { meanOf } from '../statistics.ts'
import { verdict, type Check, type Validation, type ValidationSetup } from './validation.ts'

const NODES = 1024
const MEAN_ROUND_TRIP = 178 * MILLISECOND
const LIFE = HOUR
const LOOKUP_INTERVAL = 10 * MINUTE

/** Bytes as p2psim counts them: so many of a message, and of each node that it names. */
const HEADER = 20
const NODE_NAME = 4

/** The network runs for so long before it is measured: the tables of the first nodes are better than those that churn leaves. */
const WARM_UP = HOUR
const QUICK_MEASURED = HOUR
const MEASURED = 3 * HOUR

const QUICK_ALPHAS = [1, 3, 5]
const ALPHAS = [1, 2, 3, 4, 5]
const QUICK_REFRESHES = [4, 10, 30]
const REFRESHES = [2, 4, 7, 10, 18, 30]
const QUICK_SIZES = [8]
const SIZES = [8, 16, 32]

const BANDWIDTH = 10
const PUBLISHED = 450
const TOLERANCE = 0.25

export const CHURN_HULL: Validation = {
  name: 'churn-hull',
  title: 'Time of a lookup against traffic under churn',
  source:
    'Li, Stribling, Morris, Kaashoek, Gil: "A performance vs. cost framework for evaluating DHT design tradeoffs under churn", INFOCOM 2005',
  conditions: `${NODES} nodes that are on and off for an hour each in the mean, both exponential; mean round trip 178 ms, places from the fitted space in place of the King matrix; a lookup of a random key every 10 minutes a node; a node that does not answer is given up after three round trips; ${HEADER} bytes a message and ${NODE_NAME} for each node in it. Each point one setting of alpha, k and the refresh interval, played with one seed.`,
  check
}

interface Setting {
  readonly alpha: number
  readonly k: number
  /** In minutes. */
  readonly refresh: number
}

interface Measured extends Setting {
  /** Bytes a second and live node. */
  readonly bytes: number
  /** In ms. */
  readonly time: number
  readonly share: number
}

function check({ isQuick }: ValidationSetup): Check[] {
  const points = settingsOf(isQuick).map(setting =>
    measure(setting, isQuick ? QUICK_MEASURED : MEASURED)
  )
  const hull = lowerHull(points.map(({ bytes, time }) => [bytes, time] as const))
  const ours = valueOn(hull, BANDWIDTH)
  const means = (name: 'alpha' | 'refresh', what: 'bytes' | 'time'): number[] =>
    [...new Set(points.map(point => point[name]))]
      .toSorted((a, b) => a - b)
      .map(value => meanOf(points.filter(point => point[name] === value).map(point => point[what])))

  return [
    {
      what: `time of a lookup at ${BANDWIDTH} bytes a node and second, on the lower hull`,
      published: `about ${PUBLISHED} ms`,
      ours: `${ours.toFixed(0)} ms (hull ${hull.map(([bytes, time]) => `${bytes.toFixed(1)} B/s: ${time.toFixed(0)} ms`).join(', ')})`,
      tolerance: `± ${TOLERANCE * 100} %`,
      verdict: verdict(Math.abs(ours / PUBLISHED - 1) <= TOLERANCE)
    },
    trend('more parallel requests take less time', means('alpha', 'time'), 'falling', 'ms'),
    trend('and more traffic', means('alpha', 'bytes'), 'rising', 'B/s'),
    trend('rarer refreshes take less traffic', means('refresh', 'bytes'), 'falling', 'B/s')
  ]
}

function trend(
  what: string,
  values: readonly number[],
  direction: 'rising' | 'falling',
  unit: string
): Check {
  const isAsPublished = values.every(
    (value, index) =>
      index === 0 ||
      (direction === 'rising' ? value > values[index - 1]! : value < values[index - 1]!)
  )

  return {
    what,
    published: direction,
    ours: `${values.map(value => value.toPrecision(3)).join(', ')} ${unit}`,
    tolerance: 'the order',
    verdict: verdict(isAsPublished)
  }
}

function settingsOf(isQuick: boolean): Setting[] {
  return (isQuick ? QUICK_ALPHAS : ALPHAS).flatMap(alpha =>
    (isQuick ? QUICK_SIZES : SIZES).flatMap(k =>
      (isQuick ? QUICK_REFRESHES : REFRESHES).map(refresh => ({ alpha, k, refresh }))
    )
  )
}

function measure(setting: Setting, measured: number): Measured {
  const streams = new Streams(1)
  const network = createNetwork({
    nodes: NODES,
    seed: 1,
    engine: 'compact',
    latency: new PlaneLatency(NODES, streams.stream('places'), { meanRoundTrip: MEAN_ROUND_TRIP }),
    settings: {
      k: setting.k,
      alpha: setting.alpha,
      refresh: setting.refresh * MINUTE,
      timeoutRoundTrips: 3
    }
  })
  const { simulation, kademlia } = network
  const times: number[] = []
  let all = 0
  const churning = new ChurningNetwork({
    network,
    begin: churn => churn.start(exponentialSessions(LIFE, LIFE)),
    lookupInterval: LOOKUP_INTERVAL,
    needed: 1,
    onLookup: ({ started, nearest }) => {
      if (started < WARM_UP) return
      all += 1
      if (nearest.length > 0) times.push((simulation.now - started) / MILLISECOND)
    }
  })

  Iterator.from(churning.prepare()).toArray()
  simulation.advance(WARM_UP)

  const before = bytesOf(kademlia.exchange)

  simulation.advance(WARM_UP + measured)

  return {
    ...setting,
    bytes: (bytesOf(kademlia.exchange) - before) / (measured / SECOND) / kademlia.sessions.live,
    time: meanOf(times),
    share: times.length / all
  }
}

function bytesOf({
  requests,
  answers,
  contacts
}: {
  requests: number
  answers: number
  contacts: number
}): number {
  return (requests + answers) * HEADER + (requests + contacts) * NODE_NAME
}
