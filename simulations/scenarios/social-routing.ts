import { HORIZON, Router, type Routing } from '../../overlay/announcements/router.ts'
import type { Announcement } from '../../overlay/announcements/announcement.ts'
import { exponential } from '../engine/distributions.ts'
import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { HOUR, MILLISECOND, SECOND } from '../engine/ticks.ts'
import { Sample } from '../measures.ts'
import { PlaneLatency } from '../network/latency.ts'
import { bytesOf, newsNumber } from '../news/bytes.ts'
import { connectMesh } from '../news/mesh.ts'
import { countReach, totalOf, type Arrival } from '../news/reach.ts'
import { CHARACTER_PARAMETERS, checkCharacters, Characters } from '../population/characters.ts'
import { Names } from '../population/names.ts'
import { Society, SOCIETY_PARAMETERS } from '../population/society.ts'
import { numberOf, type Run, type Scenario, type Setup, type Violation } from '../scenario.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const PUBLISH = 64
const FLOOD = 65
const RECEIVE = 66

/** News that came so late that they may still be under way at the end are not counted. */
const SETTLING: number = 10 * SECOND

/** News of nodes go through a flood of strangers. */
export const SOCIAL_ROUTING: Scenario = {
  name: 'social-routing',
  title: 'News through trust, in a flood',
  description:
    "Nodes tell news, which their peers pass on as the node's own router says: what trust leads to within a budget of its own, and of strangers what one budget for all of them leaves. Malicious nodes tell as many news of made-up nodes as they can. What reaches those who trust its origin, and how soon?",
  parameters: {
    nodes: { description: 'nodes, all on', unit: 'count', default: '150', least: 3, most: 500 },
    ...CHARACTER_PARAMETERS,
    ...SOCIETY_PARAMETERS,
    mesh: {
      description: 'random peers of a node beside its friends',
      unit: 'count',
      default: '6',
      most: 100
    },
    'news.interval': {
      description: 'mean time between two news of a node',
      unit: 'duration',
      default: '60s',
      least: 2 * SECOND
    },
    'flood.rate': {
      description: 'news a second that a malicious node sends to each of its peers',
      unit: 'number',
      default: '10',
      most: 1000
    },
    'flood.peers': {
      description: 'peers of a malicious node beside its friends',
      unit: 'count',
      default: '20',
      most: 1000
    },
    identities: {
      description: 'made-up nodes that a malicious one tells news of',
      unit: 'count',
      default: '50',
      least: 1,
      most: 1000
    },
    ignored: {
      description:
        'forgotten: news that a node did not look at for want of a budget of their sender may come again by another way, as in a node; seen: as in bare gossipsub they count as seen',
      choices: ['seen', 'forgotten'],
      default: 'forgotten'
    },
    duration: {
      description: 'how long it is watched',
      unit: 'duration',
      default: '60s',
      least: 2 * SETTLING,
      most: 24 * HOUR
    }
  },
  figures: {
    reach: { label: 'News that reach whoever trusts their origin', unit: '%', headline: true },
    displaced: { label: 'Lost to strangers', unit: '%', headline: true },
    median: { label: 'Delay, median', unit: 'ms', headline: true },
    p95: { label: 'Delay, 95th percentile', unit: 'ms', headline: true },
    strangers: { label: 'News that reach those who do not trust their origin', unit: '%' },
    flood: { label: 'News of the flood that a node passes on', unit: '1/s' },
    messages: { label: 'Messages that a node gets', unit: '1/s' },
    memory: { label: 'Entries that a router remembers, at most', unit: '' }
  },
  charts: {
    reach: {
      title: 'News that reach whoever trusts their origin',
      x: 'steps of trust',
      y: '%',
      bars: true
    },
    delay: { title: 'Delay', x: 'news that arrive, %', y: 'ms' }
  },
  leavesOut: [
    'Peers pass on at once and to all their peers; gossipsub passes on to some, tells the others what it has, and drops peers with a bad score.',
    'A signature costs nothing to check here: the budgets are what keeps its cost down.',
    'Trust neither grows nor goes. Malicious nodes send only their own news, and pass on nothing.',
    'All news are of the same size, and lines are never full.'
  ],
  check: checkCharacters,
  begin
}

interface News {
  readonly origin: number
  readonly born: number
  readonly isGenuine: boolean
}

interface Peer {
  readonly router: Router
  readonly neighbours: number[]
  readonly seen: Set<number>
  /** Genuine news that were ignored for want of a budget, and did not come later. */
  readonly missed: Set<number>
}

function begin({ seed, values }: Setup): Run {
  const simulation = new Simulation()
  const streams = new Streams(seed)
  const nodes = numberOf(values, 'nodes')
  const identities = numberOf(values, 'identities')
  const until = numberOf(values, 'duration')
  const characters = new Characters(
    nodes,
    { confused: numberOf(values, 'confused'), malicious: numberOf(values, 'malicious') },
    streams.stream('characters')
  )
  const malicious = characters.all('malicious')
  const society = new Society(characters, values, streams.stream('society'))
  const names = new Names(nodes + malicious.length * identities)
  const latency = new PlaneLatency(nodes, streams.stream('places'))
  const stream = streams.stream('news')
  const floods = streams.stream('flood')
  const news: News[] = []
  const peers = connect()
  const counts = { messages: 0, passedFlood: 0 }
  const delays = new Sample()
  const arrivals = new Map<number, Set<number>>()
  let violation: Violation | undefined

  simulation.handle(PUBLISH, (kind, node, other, number) => {
    if (kind === RECEIVE) receive(node, other, number)
    else if (kind === FLOOD) flood(node)
    else publish(node)
  })

  function connect(): Peer[] {
    const neighbours = connectMesh(
      {
        nodes,
        friends: node => society.trusted(node),
        extra: node => numberOf(values, characters.isMalicious(node) ? 'flood.peers' : 'mesh')
      },
      streams.stream('mesh')
    )

    return neighbours.map((others, node) => ({
      router: routerOf(node),
      neighbours: others,
      seen: new Set(),
      missed: new Set()
    }))
  }

  function routerOf(node: number): Router {
    return new Router({
      distanceTo: party => {
        const origin = names.number(party)

        // A made-up node is trusted by nobody.
        return origin == null || origin >= nodes ? undefined : society.distance(node, origin)
      },
      open: bytes => announcementOf(newsNumber(bytes))
    })
  }

  function announcementOf(number: number): Announcement {
    const { origin } = news[number]!

    return {
      kind: 'site',
      origin: names.address(origin),
      subject: `site ${origin}`,
      seq: number,
      payload: bytesOf(number)
    }
  }

  function tell(node: number, origin: number, isGenuine: boolean): void {
    const number = news.length

    news.push({ origin, born: simulation.now, isGenuine })
    peers[node]!.seen.add(number)
    if (isGenuine) {
      arrivals.set(number, new Set())
      peers[node]!.router.published(announcementOf(number))
    }
    passOn(node, number)
  }

  function publish(node: number): void {
    tell(node, node, true)
    schedule(PUBLISH, node)
  }

  function flood(node: number): void {
    const place = malicious.indexOf(node)
    // One in so many under its own name, which a confused node may vouch for.
    const pick = floods.below(identities + 1)

    tell(node, pick === identities ? node : nodes + place * identities + pick, false)
    schedule(FLOOD, node)
  }

  function schedule(kind: number, node: number): void {
    const mean =
      kind === PUBLISH ? numberOf(values, 'news.interval') : SECOND / numberOf(values, 'flood.rate')
    const delay = exponential(kind === PUBLISH ? stream : floods, mean)

    if (delay < until) simulation.after(Math.max(1, Math.round(delay)), kind, node)
  }

  function passOn(node: number, number: number, but?: number): void {
    for (const other of peers[node]!.neighbours) {
      if (other !== but) simulation.after(latency.oneWay(node, other), RECEIVE, other, node, number)
    }
  }

  function receive(node: number, from: number, number: number): void {
    const peer = peers[node]!

    counts.messages += 1
    if (characters.isMalicious(node) || peer.seen.has(number)) return
    peer.seen.add(number)

    const isTrusted = society.distance(node, from) != null
    const routing = peer.router.route(
      bytesOf(number),
      { peer: String(from), isTrusted },
      simulation.now / MILLISECOND
    )

    if (routing.kind === 'accept') accept(node, from, number)
    else ignore(node, from, number, routing)
  }

  function accept(node: number, from: number, number: number): void {
    const { born, isGenuine } = news[number]!

    peers[node]!.missed.delete(number)
    if (isGenuine) {
      arrivals.get(number)!.add(node)
      delays.add((simulation.now - born) / MILLISECOND)
    } else {
      counts.passedFlood += 1
    }
    passOn(node, number, from)
  }

  function ignore(node: number, from: number, number: number, routing: Routing): void {
    const { origin, isGenuine } = news[number]!

    if (routing.kind !== 'ignore' || !['budget', 'sender'].includes(routing.reason)) return
    if (values['ignored'] === 'forgotten' && routing.reason === 'sender') {
      peers[node]!.seen.delete(number)
    }
    if (!isGenuine || !isNear(node, origin)) return

    peers[node]!.missed.add(number)
    // Between two who mean well nothing that strangers do may stand in the way of what both of them trust.
    if (!characters.isMalicious(from) && society.distance(node, from) != null) {
      simulation.halt()
      violation ??= {
        time: simulation.now,
        message: `node ${node} had no budget for news of node ${origin}, whom it trusts, from its friend ${from}`
      }
    }
  }

  function isNear(node: number, origin: number): boolean {
    return (society.distance(node, origin) ?? Infinity) <= HORIZON
  }

  function* prepare(): Generator<void, void> {
    for (let node = 0; node < nodes; node += 1) {
      society.acceptance(node)
      if (!characters.isMalicious(node)) schedule(PUBLISH, node)
      else if (numberOf(values, 'flood.rate') > 0) schedule(FLOOD, node)
      yield
    }
  }

  function* settledNews(): Generator<Arrival, void> {
    for (const [number, came] of arrivals) {
      const { origin, born } = news[number]!

      if (born > simulation.now - SETTLING) continue
      for (const node of characters.wellMeaning) {
        if (node === origin) continue
        yield {
          distance: society.distance(node, origin),
          hasCome: came.has(node),
          isMissed: peers[node]!.missed.has(number)
        }
      }
    }
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => nodes,
    until,
    prepare: prepare(),
    violation: () => violation,
    outcome: () => {
      const [strangers, ...trusted] = countReach(settledNews(), HORIZON)
      const { possible, came, missed } = totalOf(trusted)
      const seconds = simulation.now / SECOND
      const [median = Number.NaN, p95 = Number.NaN] = delays.at(0.5, 0.95)

      return {
        figures: {
          reach: (100 * came) / possible,
          displaced: (100 * missed) / possible,
          median,
          p95,
          strangers: (100 * strangers!.came) / strangers!.possible,
          flood: counts.passedFlood / seconds / characters.wellMeaning.length,
          messages: counts.messages / seconds / nodes,
          memory: Math.max(...peers.map(({ router }) => router.remembered))
        },
        lines: {
          reach: {
            nodes: trusted.map(
              (step, index) => [index + 1, (100 * step.came) / step.possible] as const
            )
          },
          delay: { news: delays.distribution }
        }
      }
    }
  })
}
