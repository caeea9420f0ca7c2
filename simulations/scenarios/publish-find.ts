import { nextAnnouncement } from '../../discovery/publish/schedule.ts'
import { DAY, HOUR, MILLISECOND, MINUTE } from '../engine/ticks.ts'
import { ChurningNetwork } from '../kademlia/churning-network.ts'
import { PURPOSE, type LookupResult } from '../kademlia/kademlia.ts'
import { Sample, Timeline } from '../measures.ts'
import { numberOf, type Run, type Scenario, type Setup } from '../scenario.ts'
import { checkNetwork, NETWORK_PARAMETERS, networkOf } from './shared/network-parameters.ts'
import { SimulationRun } from './shared/simulation-run.ts'
import { checkSessions, churnOf, SESSION_PARAMETERS } from './shared/session-parameters.ts'

export const PUT = 80
export const FIND = 81

/** Points of a line over time. */
const STRETCHES = 48

/** Tags of lookups that put a record are 2 × record, of those that find one 2 × record + 1; those of the network's own workload are none. */
const NO_RECORD = 0

interface Held {
  readonly node: number
  readonly session: number
  readonly until: number
}

/** Records are put into a network whose nodes come and go, and looked for. */
export const PUBLISH_FIND: Scenario = {
  name: 'publish-find',
  title: 'How long a record can be found',
  description:
    "Records are put to the k nodes nearest to their keys, put again as the node's own schedule says, and looked for. How many are found while holders come and go?",
  parameters: {
    nodes: {
      description: 'nodes, on or off',
      unit: 'count',
      default: '500',
      least: 2,
      most: 20_000
    },
    records: { description: 'records', unit: 'count', default: '100', least: 1, most: 5000 },
    interval: {
      description: 'a record is put again in this time, after the first puts that come sooner',
      unit: 'duration',
      default: '4h',
      least: MINUTE,
      most: 30 * DAY
    },
    'find.interval': {
      description: 'mean time between two searches for a record',
      unit: 'duration',
      default: '15m',
      least: 1000
    },
    lifetime: {
      description: 'a holder forgets a record after this time',
      unit: 'duration',
      default: '48h',
      least: MINUTE
    },
    holders: {
      description:
        'whether a holder that was off still has what it held: kept on disk, or forgotten',
      choices: ['kept', 'forgotten'],
      default: 'kept'
    },
    refresh: {
      description: 'each bucket is refreshed once in this time',
      unit: 'duration',
      default: '1h'
    },
    duration: {
      description: 'how long it is watched',
      unit: 'duration',
      default: '24h',
      least: HOUR,
      most: 30 * DAY
    },
    ...SESSION_PARAMETERS,
    ...NETWORK_PARAMETERS
  },
  figures: {
    found: { label: 'Searches that find the record', unit: '%', headline: true },
    worst: { label: 'Found in the worst half hour of the day', unit: '%', headline: true },
    holders: { label: 'Holders that are on', unit: '', headline: true },
    puts: { label: 'Puts of a record in a day', unit: '' },
    copies: { label: 'Holders that a put reaches', unit: '' },
    requests: { label: 'Requests of a search', unit: '' },
    timeouts: { label: 'Timeouts of a search', unit: '' },
    time: { label: 'Time of a search, median', unit: 'ms' }
  },
  charts: {
    found: { title: 'Searches that find the record', x: 'time, h', y: '%' },
    holders: {
      title: 'Holders that are on, where a search ended',
      x: 'time, h',
      y: 'holders among the nodes asked'
    }
  },
  leavesOut: [
    'The publisher is always on: what a mirror does that puts the record again in its place is left out.',
    'A search goes on to the k nearest nodes; the node stops at the first valid answer, and asks connected peers first, so it is faster.',
    'Holders take every record: full stores, refusals and older records that replace newer ones are left out.'
  ],
  check: values => checkNetwork(values) ?? checkSessions(values),
  begin
}

function begin(setup: Setup): Run {
  const { values } = setup
  const network = networkOf(setup, { refresh: numberOf(values, 'refresh') })
  const { simulation, kademlia, streams, settings } = network
  const until = numberOf(values, 'duration')
  const records = numberOf(values, 'records')
  const lifetime = numberOf(values, 'lifetime')
  const interval = numberOf(values, 'interval') / MILLISECOND
  const isKept = values['holders'] === 'kept'
  const stream = streams.stream('records')
  const keys = Array.from({ length: records }, () => stream.bits())
  const holders = keys.map((): Held[] => [])
  const puts = keys.map(() => 0)
  const seen = {
    found: new Sample(),
    holders: new Sample(),
    copies: new Sample(),
    requests: new Sample(),
    timeouts: new Sample(),
    time: new Sample()
  }
  const timeline = {
    found: new Timeline(until, STRETCHES),
    holders: new Timeline(until, STRETCHES)
  }
  const churning = new ChurningNetwork({
    network,
    begin: churnOf(setup),
    lookupInterval: 30 * DAY,
    needed: 1,
    onLookup: result => {
      if (result.tag === NO_RECORD) return

      const record = (result.tag >> 1) - 1

      if (result.tag % 2 === 0) put(record, result)
      else find(record, result)
    }
  })

  simulation.handle(PUT, (kind, record) => {
    // Whoever is on asks: the origin of a lookup makes no difference to where it ends.
    const node = churning.live.draw(stream)

    if (node != null) {
      kademlia.lookup(
        node,
        keys[record]!,
        settings.k,
        PURPOSE.workload,
        2 * (record + 1) + (kind === FIND ? 1 : 0)
      )
    }
    if (kind === FIND) simulation.after(nextFind(), FIND, record)
    else schedulePut(record)
  })

  function schedulePut(record: number): void {
    puts[record]! += 1

    const { delay } = nextAnnouncement(puts[record]!, interval)

    simulation.after(Math.round(delay * MILLISECOND), PUT, record)
  }

  function nextFind(): number {
    return 1 + Math.floor(2 * stream.uniform() * numberOf(values, 'find.interval'))
  }

  function put(record: number, { nearest }: LookupResult): void {
    const now = simulation.now

    seen.copies.add(nearest.length)

    const taken = nearest.map(node => ({
      node,
      session: kademlia.sessions.of(node),
      until: now + lifetime
    }))

    holders[record] = [
      ...holders[record]!.filter(held => held.until > now && !nearest.includes(held.node)),
      ...taken
    ]
  }

  function find(record: number, { nearest, started, requests, timeouts }: LookupResult): void {
    const now = simulation.now
    const holding = holders[record]!.filter(
      held =>
        held.until > now &&
        nearest.includes(held.node) &&
        (isKept
          ? kademlia.sessions.isUp(held.node)
          : kademlia.sessions.isIn(held.node, held.session))
    ).length

    seen.found.add(holding > 0 ? 100 : 0)
    seen.holders.add(holding)
    seen.requests.add(requests)
    seen.timeouts.add(timeouts)
    seen.time.add((now - started) / MILLISECOND)
    timeline.found.add(now, holding > 0 ? 100 : 0)
    timeline.holders.add(now, holding)
  }

  function* prepare(): Generator<void, void> {
    yield* churning.prepare()

    for (const record of keys.keys()) {
      simulation.after(0, PUT, record)
      simulation.after(MINUTE + nextFind(), FIND, record)
    }
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => kademlia.sessions.live,
    until,
    prepare: prepare(),
    outcome: () => ({
      figures: {
        found: seen.found.mean,
        worst: Math.min(
          ...timeline.found.means(1).flatMap(([, mean]) => (Number.isNaN(mean) ? [] : [mean]))
        ),
        holders: seen.holders.mean,
        puts: (puts.reduce((sum, count) => sum + count, 0) / records / simulation.now) * DAY,
        copies: seen.copies.mean,
        requests: seen.requests.mean,
        timeouts: seen.timeouts.mean,
        time: seen.time.at(0.5)[0] ?? Number.NaN
      },
      lines: {
        found: { searches: timeline.found.means(HOUR) },
        holders: { holders: timeline.holders.means(HOUR) }
      }
    })
  })
}
