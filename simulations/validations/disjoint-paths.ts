import { drawAt, Streams } from '../engine/random.ts'
import { walkDisjoint, type ContactsOf } from '../kademlia/disjoint-walk.ts'
import { createNetwork, settleNodes, type KademliaNetwork } from '../kademlia/network.ts'
import { meanOf } from '../statistics.ts'
import { verdict, type Check, type Validation, type ValidationSetup } from './validation.ts'

const NODES = 10_000
const K = 16
const PATHS = [1, 2, 4, 8]
const SHARES = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5]
const QUICK_LOOKUPS = 20_000
const LOOKUPS = 40_000

/** In points. */
const TOLERANCE = 1

/** With 8 paths and a fifth of the nodes adverse. */
const PUBLISHED = 99

export const DISJOINT_PATHS: Validation = {
  name: 'disjoint-paths',
  title: 'Lookups over disjoint paths among adversaries',
  source:
    'Baumgart, Mies: "S/Kademlia: A Practicable Approach Towards Secure Key-Based Routing", ICPADS 2007',
  conditions: `${NODES} nodes, k ${K}, full tables, a share of the nodes adverse at random, 20,000 (quick) or 40,000 lookups of nodes for each point. Closed form: a path of i nodes is good with probability (1 - m)^i, and a lookup fails when all its paths do; the path lengths are those of lookups without adversaries. The paper gives all paths of a lookup one length; that form lies below the simulation, by some 4 points with 8 paths and half of the nodes adverse, and stands beside each line.`,
  check
}

function check({ isQuick }: ValidationSetup): Check[] {
  const lookups = isQuick ? QUICK_LOOKUPS : LOOKUPS
  const network = createNetwork({
    nodes: NODES,
    seed: 1,
    engine: 'readable',
    settings: { k: K, refresh: 0 }
  })

  settleNodes(network, [...Array(NODES).keys()])

  const world = { network, lookups, contactsOf: contactsIn(network) }

  return PATHS.flatMap(paths => {
    const lookupLengths = lengthsOf(world, paths)
    const rows = SHARES.map(share => ({
      share,
      simulated: 100 * successOf(world, paths, share),
      computed: 100 * closedForm(lookupLengths, share),
      oneLength: 100 * closedFormOfOneLength(lookupLengths, share, paths)
    }))
    const worst = Math.max(...rows.map(({ simulated, computed }) => Math.abs(simulated - computed)))
    const published = rows.find(({ share }) => share === 0.2)?.simulated ?? 0

    return [
      {
        what: `${paths} ${paths === 1 ? 'path' : 'paths'}, ${SHARES.map(share => `${share * 100}`).join(', ')} % adverse`,
        published: `closed form ${rows.map(({ computed }) => computed.toFixed(1)).join(', ')} %`,
        ours: `${rows.map(({ simulated }) => simulated.toFixed(1)).join(', ')} %`,
        tolerance: `± ${TOLERANCE} point`,
        verdict: verdict(worst <= TOLERANCE),
        note: `with one length for all paths of a lookup ${rows.map(({ oneLength }) => oneLength.toFixed(1)).join(', ')} %`
      },
      ...(paths === 8
        ? [
            {
              what: '8 paths, 20 % adverse',
              published: `${PUBLISHED} %`,
              ours: `${published.toFixed(1)} %`,
              tolerance: `± ${TOLERANCE} point`,
              verdict: verdict(Math.abs(published - PUBLISHED) <= TOLERANCE)
            }
          ]
        : [])
    ]
  })
}

interface World {
  readonly network: KademliaNetwork
  readonly lookups: number
  readonly contactsOf: ContactsOf
}

function contactsIn({ kademlia, identifiers }: KademliaNetwork): ContactsOf {
  return (id, target) => kademlia.nearest(identifiers.handleOf(id), target)
}

/** The lengths of the paths of each lookup when all nodes are honest. */
function lengthsOf(world: World, paths: number): (readonly number[])[] {
  const all: (readonly number[])[] = []

  walks(world, paths, 0, ({ lengths }) => all.push(lengths))

  return all
}

function successOf(world: World, paths: number, share: number): number {
  let found = 0

  walks(world, paths, share, ({ isFound }) => (found += isFound ? 1 : 0))

  return found / world.lookups
}

function walks(
  { network, lookups, contactsOf }: World,
  paths: number,
  share: number,
  onWalk: (result: ReturnType<typeof walkDisjoint>) => void
): void {
  const { identifiers, kademlia } = network
  const streams = new Streams(paths)
  const stream = streams.stream(`lookups ${share}`)

  for (let lookup = 0; lookup < lookups; lookup += 1) {
    const origin = stream.below(NODES)
    const other = stream.below(NODES - 1)
    const target = identifiers.idOf(other < origin ? other : other + 1)
    // Drawn anew for each lookup, and the same for a node however often it is asked.
    const [first, second] = streams.keys(`adverse ${share}`, lookup)
    const isAdverse = (id: number): boolean => drawAt(first, second, id) >>> 0 < share * 2 ** 32

    onWalk(walkDisjoint(kademlia.nearest(origin, target), paths, { target, contactsOf, isAdverse }))
  }
}

function closedForm(lookups: readonly (readonly number[])[], share: number): number {
  return meanOf(
    lookups.map(
      lengths => 1 - lengths.reduce((failing, length) => failing * (1 - (1 - share) ** length), 1)
    )
  )
}

/** As the paper has it: over all paths, as if those of one lookup were equally long. */
function closedFormOfOneLength(
  lookups: readonly (readonly number[])[],
  share: number,
  paths: number
): number {
  return meanOf(lookups.flat().map(length => 1 - (1 - (1 - share) ** length) ** paths))
}
