import { Streams } from '../engine/random.ts'
import { Nats, type Connection } from '../network/nat.ts'
import { meanOf } from '../statistics.ts'
import { verdict, type Check, type Validation } from './validation.ts'

const NODES = 3000
const PAIRS = 200_000
const SEEDS = [1, 2, 3, 4, 5]

/** The measured share of successes, and one standard deviation to both sides, between networks. */
const PUNCHED = [0.629, 0.7, 0.771]
const BEHIND = 0.6
const TOLERANCE = 1

export const HOLE_PUNCHING: Validation = {
  name: 'hole-punching',
  title: 'Reachability that follows from hole punching',
  source: 'Measurement campaign of hole punching by libp2p (DCUtR): 70 ± 7.1 % of attempts succeed',
  conditions: `Arithmetic, not a discovery: the measured share is an input, and so is the share of nodes behind a NAT, ${BEHIND * 100} %; all of those have a relay and none is symmetric. ${PAIRS.toLocaleString('en')} pairs drawn among ${NODES} nodes, ${SEEDS.length} seeds. By arithmetic a pair talks directly unless both are behind a NAT and punching fails.`,
  check
}

function check(): Check[] {
  return PUNCHED.flatMap(punched => {
    const runs = SEEDS.map(seed => connect(punched, seed))
    const attempts =
      100 * meanOf(runs.map(({ punched: holes, relayed }) => holes / (holes + relayed)))
    const reached = 100 * meanOf(runs.map(({ relayed }) => 1 - relayed / PAIRS))

    return [
      row(`attempts that succeed, ${(100 * punched).toFixed(1)} % put in`, 100 * punched, attempts),
      row(
        `pairs that need no relay, ${(100 * punched).toFixed(1)} % put in`,
        100 * (1 - BEHIND ** 2 * (1 - punched)),
        reached
      )
    ]
  })
}

function row(what: string, theirs: number, ours: number): Check {
  return {
    what,
    published: `${theirs.toFixed(1)} %`,
    ours: `${ours.toFixed(1)} %`,
    tolerance: `± ${TOLERANCE} point`,
    verdict: verdict(Math.abs(ours - theirs) <= TOLERANCE)
  }
}

function connect(punched: number, seed: number): Record<Connection, number> {
  const streams = new Streams(seed)
  const stream = streams.stream('pairs')
  const nats = new Nats(NODES, { behind: BEHIND, symmetric: 0, punched, relayed: 1 }, streams)
  const counts: Record<Connection, number> = { direct: 0, punched: 0, relayed: 0, none: 0 }

  for (let pair = 0; pair < PAIRS; pair += 1) {
    const from = stream.below(NODES)
    const other = stream.below(NODES - 1)

    counts[nats.connect(from, other < from ? other : other + 1)] += 1
  }

  return counts
}
