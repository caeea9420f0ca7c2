import type { RandomStream } from '../engine/random.ts'
import { MILLISECOND, MINUTE, SECOND } from '../engine/ticks.ts'
import { HONEST } from '../kademlia/exchange.ts'
import { PURPOSE } from '../kademlia/kademlia.ts'
import { createNetwork, settleNodes, type KademliaNetwork } from '../kademlia/network.ts'
import type { Population } from '../kademlia/population.ts'
import { Dials } from '../network/dials.ts'
import { quantile } from '../statistics.ts'
import { verdict, type Check, type Validation, type ValidationSetup } from './validation.ts'

const NODES = 20_000
const K = 20
const ALPHA = 10

/** A walk ends when so many of the nearest have answered. */
const NEEDED = 3

/** The paper published and retrieved at nodes in six regions. */
const SITES = 6
const QUICK_SEEDS = Array.from({ length: 8 }, (_, index) => index + 1)
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1)

/** Publications of one seed; the first ones clear the tables of the sites of nodes that cannot be reached. */
const PUBLICATIONS = 60
const WARM_UP = 12

const UNREACHABLE = 0.455
const TCP_TIMEOUT = 5 * SECOND
const WEBSOCKET_TIMEOUT = 45 * SECOND

/** Fitted: of the nodes that cannot be reached, those that are noticed only when the websocket handshake times out. */
const WEBSOCKET_SHARE = 0.08

/** One round trip, as over QUIC. */
const DIAL_TURNS = 2

/** One round trip for the root, and five in which half a megabyte arrives, each with twice the packets of the one before. */
const FETCH_TURNS = 12

/** How long a reader waits for connected nodes to have the content before it asks the DHT. */
const BITSWAP_WAIT: number = SECOND

/** Between two operations. */
const PAUSE = 2 * MINUTE

/** How finely the end of a walk is looked for. */
const STEP = 50 * MILLISECOND

/** In seconds. */
const PUBLISH = { p50: 33.8, p90: 112.3, p95: 138.1 }
const RETRIEVE = { p50: 2.9, p90: 4.34, p95: 4.74 }
const TOLERANCE = 0.3

export const IPFS: Validation = {
  name: 'ipfs',
  title: 'Publishing and retrieving in IPFS (shape)',
  source:
    'Trautwein, Raman, Tyson, Castro, Scott, Schubotz, Gipp, Psaras: "Design and Evaluation of IPFS: A Storage Layer for the Decentralized Web", SIGCOMM 2022',
  conditions: `From the paper: k ${K}, ${ALPHA} requests at once, ${UNREACHABLE * 100} % of nodes in tables cannot be reached, which a dial notices after 5 s, or after 45 s where a websocket handshake hangs; a reader waits 1 s for Bitswap, then walks to a provider record and to the publisher's addresses. From go-libp2p: a walk ends when the ${NEEDED} nearest have answered, a publisher then asks the rest of the ${K} nearest, and puts its record to all ${K}; who does not answer is dropped from the table. Fitted, one parameter for the 90th and 95th percentile of publishing: ${WEBSOCKET_SHARE * 100} % of the unreachable nodes take 45 s. Assumed: ${NODES} nodes at places of the fitted space, ${SITES} of them publish and retrieve; a connection takes one round trip (QUIC), fetching half a megabyte six; connections are closed between operations; a node that could not be reached is dialled again for the put, without back-off. ${QUICK_SEEDS.length} (quick) or ${SEEDS.length} seeds of ${PUBLICATIONS - WARM_UP} publications, each retrieved by ${SITES - 1} others.`,
  check
}

interface Seconds {
  readonly publish: number[]
  readonly retrieve: number[]
}

function check({ isQuick }: ValidationSetup): Check[] {
  const all = (isQuick ? QUICK_SEEDS : SEEDS).map(seed => new Measurement(seed).run())
  const publish = all.flatMap(one => one.publish).toSorted((a, b) => a - b)
  const retrieve = all.flatMap(one => one.retrieve).toSorted((a, b) => a - b)
  const within = publish.filter(seconds => seconds <= PUBLISH.p50).length / publish.length

  return [
    {
      ...row('publish, median', PUBLISH.p50, quantile(publish, 0.5)),
      note: `${(100 * within).toFixed(0)} % of ours are done within ${PUBLISH.p50} s; with two timeouts and nothing between them hardly any takes from 20 to 45 s, so that the median jumps from one group to the other`
    },
    row('publish, 90th percentile', PUBLISH.p90, quantile(publish, 0.9)),
    row('publish, 95th percentile', PUBLISH.p95, quantile(publish, 0.95)),
    row('retrieve, median', RETRIEVE.p50, quantile(retrieve, 0.5)),
    row('retrieve, 90th percentile', RETRIEVE.p90, quantile(retrieve, 0.9)),
    row('retrieve, 95th percentile', RETRIEVE.p95, quantile(retrieve, 0.95))
  ]
}

function row(what: string, published: number, ours: number): Check {
  return {
    what,
    published: `${published} s`,
    ours: `${ours.toPrecision(3)} s`,
    tolerance: `± ${TOLERANCE * 100} %, shape`,
    verdict: verdict(Math.abs(ours / published - 1) <= TOLERANCE)
  }
}

/** One network, and what its sites publish and retrieve, one operation after the other. */
class Measurement {
  readonly #network: KademliaNetwork
  readonly #dials: Dials
  readonly #population: Population
  readonly #stream: RandomStream
  readonly #sites: readonly number[]
  /** Whether the answer of a node ends the walk under way, and when the first such answer arrives. */
  #isGoal: (node: number) => boolean = () => false
  #foundAt = Infinity
  #hasEnded = false

  constructor(seed: number) {
    const network = createNetwork({
      nodes: NODES,
      seed,
      engine: 'compact',
      settings: { k: K, alpha: ALPHA, refresh: 0, failures: 1, timeout: 10 * SECOND }
    })
    const { simulation, kademlia, wire, streams } = network
    const dials = new Dials(
      {
        simulation,
        nodes: NODES,
        oneWay: (from, to) => wire.oneWay(from, to),
        turns: DIAL_TURNS,
        unreachable: [
          { share: UNREACHABLE * (1 - WEBSOCKET_SHARE), timeout: TCP_TIMEOUT },
          { share: UNREACHABLE * WEBSOCKET_SHARE, timeout: WEBSOCKET_TIMEOUT }
        ]
      },
      streams.stream('dials')
    )

    this.#network = network
    this.#dials = dials
    this.#population = settleNodes(network, [...Array(NODES).keys()])
    this.#stream = streams.stream('operations')
    this.#sites = Array.from({ length: SITES }, () => this.#drawReachable())
    kademlia.exchange.dialling = (from, to) => dials.dial(from, to)
    kademlia.exchange.mischief = (node, from) => {
      if (this.#isGoal(node))
        this.#foundAt = Math.min(this.#foundAt, simulation.now + wire.oneWay(node, from))

      return HONEST
    }
    kademlia.onLookup = () => (this.#hasEnded = true)
  }

  run(): Seconds {
    const seconds: Seconds = { publish: [], retrieve: [] }

    for (let count = 0; count < PUBLICATIONS; count += 1) {
      const publisher = this.#sites[count % SITES]!
      const key = this.#stream.bits()
      const published = this.#publish(publisher, key)
      const retrieved = this.#sites
        .filter(site => site !== publisher)
        .map(reader => this.#retrieve(reader, publisher, key, published.holders))

      if (count < WARM_UP) continue
      seconds.publish.push(published.took / SECOND)
      seconds.retrieve.push(...retrieved.map(took => took / SECOND))
    }

    return seconds
  }

  /** How long it takes until the record is put, and who holds it then. */
  #publish(publisher: number, key: number): { took: number; holders: ReadonlySet<number> } {
    const { simulation, identifiers } = this.#network

    this.#rest(publisher)

    const started = simulation.now

    this.#walk(publisher, key, () => false)

    // Those that failed in the walk are left out; others that cannot be reached are not known to be so yet.
    const nearest = this.#population
      .nearestTo(key, 4 * K)
      .map(id => identifiers.handleOf(id))
      .filter(node => node !== publisher && !this.#dials.hasFailed(publisher, node))
      .slice(0, K)

    this.#askAll(publisher, nearest)
    this.#askAll(publisher, nearest)

    return {
      took: simulation.now - started,
      holders: new Set(nearest.filter(node => this.#dials.isReachable(node)))
    }
  }

  #retrieve(reader: number, publisher: number, key: number, holders: ReadonlySet<number>): number {
    const { kademlia, identifiers, wire } = this.#network
    const id = identifiers.idOf(publisher)

    this.#rest(reader)

    const toRecord = this.#walk(reader, key, node => holders.has(node))
    const toAddresses = this.#walk(reader, id, node => kademlia.nearest(node, id).includes(id))
    const transfer = (DIAL_TURNS + FETCH_TURNS) * wire.oneWay(reader, publisher)

    return BITSWAP_WAIT + toRecord + toAddresses + transfer
  }

  /** How long it takes until a node that is a goal has answered, or the walk has ended. */
  #walk(origin: number, target: number, isGoal: (node: number) => boolean): number {
    const { simulation, kademlia } = this.#network
    const started = simulation.now

    this.#isGoal = isGoal
    this.#foundAt = Infinity
    this.#hasEnded = false
    kademlia.lookup(origin, target, NEEDED, PURPOSE.workload, 0)

    while (!this.#hasEnded && this.#foundAt > simulation.now)
      simulation.advance(simulation.now + STEP)

    return Math.min(this.#foundAt, simulation.now) - started
  }

  /** Asks nodes all at once, and waits until the last has answered or failed. */
  #askAll(origin: number, nodes: readonly number[]): void {
    const { simulation, wire } = this.#network
    const times = nodes.map(node => {
      const dialling = this.#dials.dial(origin, node)

      return dialling < 0 ? -dialling : dialling + 2 * wire.oneWay(origin, node)
    })

    simulation.advance(simulation.now + Math.max(0, ...times))
  }

  /** What was under way ends, and the site closes its connections. */
  #rest(site: number): void {
    const { simulation } = this.#network

    simulation.advance(simulation.now + PAUSE)
    this.#dials.forget(site)
  }

  #drawReachable(): number {
    for (;;) {
      const node = this.#stream.below(NODES)

      if (this.#dials.isReachable(node)) return node
    }
  }
}
