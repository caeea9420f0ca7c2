import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { MILLISECOND } from '../engine/ticks.ts'
import { walkDisjoint } from '../kademlia/disjoint-walk.ts'
import { Identifiers } from '../kademlia/identifiers.ts'
import { StaticTables } from '../kademlia/static-tables.ts'
import { Characters } from '../population/characters.ts'
import { numberOf, type Run, type Scenario, type Setup } from '../scenario.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const SEARCH = 64

/** Disjoint paths that are compared. */
const PATHS = [1, 2, 3, 4, 8]

/** Adversaries hide a record. */
export const ECLIPSE: Scenario = {
  name: 'eclipse',
  title: 'Adversaries between a reader and a record',
  description:
    'A share of the nodes answers with nothing but each other, and further ones have made keys until their ids surround the record. Does a search over disjoint paths still reach an honest holder?',
  parameters: {
    nodes: {
      description: 'honest nodes and those of the share',
      unit: 'count',
      default: '3000',
      least: 100,
      most: 200_000
    },
    share: {
      description: 'share of the nodes that is adverse, anywhere',
      unit: 'share',
      default: '20%',
      most: 0.95
    },
    surrounding: {
      description: 'further adverse nodes, all nearer to the key than honest ones',
      unit: 'count',
      default: '0',
      most: 1000
    },
    paths: {
      description: 'disjoint paths of a search; the node uses 3',
      unit: 'count',
      default: '3',
      least: 1,
      most: 16
    },
    k: {
      description: 'contacts of a bucket and holders of a record',
      unit: 'count',
      default: '20',
      least: 1,
      most: 64
    },
    searches: {
      description: 'searches, each for a record of its own',
      unit: 'count',
      default: '200',
      least: 1,
      most: 100_000
    }
  },
  figures: {
    found: { label: 'Searches that reach an honest holder', unit: '%', headline: true },
    held: { label: 'Holders that are honest', unit: '%', headline: true },
    length: { label: 'Nodes asked on a path that gets there', unit: '', headline: true }
  },
  charts: {
    paths: { title: 'Searches that reach an honest holder', x: 'disjoint paths', y: '%' }
  },
  leavesOut: [
    'Tables are those of a network without an attack but for the share: adversaries do not push themselves into buckets, which a node that meets them often would suffer.',
    'Ids cost nothing here. In Plexnet an id is the hash of a key, so that surrounding a key of 20 holders among a million nodes takes some 10^7 keys.',
    'A record that is found is known to be true by its signature: adversaries can hide it and not forge it.',
    'Adverse nodes never answer rightly; some that behave until it matters are harder to weed out and no worse for a single search.'
  ],
  check: values =>
    numberOf(values, 'paths') > numberOf(values, 'k') ? 'paths are at most k' : undefined,
  begin
}

function begin({ seed, values }: Setup): Run {
  const simulation = new Simulation()
  const streams = new Streams(seed)
  const nodes = numberOf(values, 'nodes')
  const k = numberOf(values, 'k')
  const surrounding = numberOf(values, 'surrounding')
  const searches = numberOf(values, 'searches')
  const identifiers = new Identifiers(streams.stream('ids').bits())
  const tables = new StaticTables(nodes, k, identifiers, streams)
  const stream = streams.stream('searches')
  const characters = new Characters(
    nodes,
    { confused: 0, malicious: numberOf(values, 'share') },
    streams.stream('adverse')
  )
  const counts = new Map(pathCounts(numberOf(values, 'paths')).map(paths => [paths, 0]))
  const seen = { searches: 0, honest: 0, lengths: [] as number[] }

  function search(key: number): void {
    const around = surroundingIds(key, surrounding)
    const nearest = tables.population.nearestTo(key, k)
    const holders = [...around, ...nearest].slice(0, k)
    const honest = new Set(holders.slice(Math.min(k, around.length)).filter(id => isHonest(id)))
    const origin = identifiers.idOf(stream.below(nodes))

    seen.searches += 1
    seen.honest += honest.size / holders.length

    const start = tables.contactsOf(origin, key)

    for (const paths of counts.keys()) {
      const { isFound, lengths } = walkDisjoint(start, paths, {
        target: key,
        isGoal: id => honest.has(id),
        isAdverse: id => around.includes(id) || !isHonest(id),
        // Neighbours of the key know who surrounds it.
        contactsOf: (id, target) =>
          [...(nearest.includes(id) ? around : []), ...tables.contactsOf(id, target)].slice(0, k)
      })

      counts.set(paths, counts.get(paths)! + (isFound ? 1 : 0))
      if (paths === numberOf(values, 'paths')) seen.lengths.push(...lengths)
    }
  }

  function isHonest(id: number): boolean {
    return !characters.isMalicious(identifiers.handleOf(id))
  }

  simulation.handle(SEARCH, (_, number, key) => {
    search(key)
    if (number + 1 < searches) simulation.after(MILLISECOND, SEARCH, number + 1, stream.bits())
  })
  simulation.after(0, SEARCH, 0, stream.bits())

  return new SimulationRun({
    simulation,
    liveNodes: () => nodes + surrounding,
    until: searches * MILLISECOND,
    outcome: () => ({
      figures: {
        found: (100 * counts.get(numberOf(values, 'paths'))!) / seen.searches,
        held: (100 * seen.honest) / seen.searches,
        length: seen.lengths.reduce((sum, length) => sum + length, 0) / seen.lengths.length
      },
      lines: {
        paths: {
          searches: [...counts].map(
            ([paths, found]) => [paths, (100 * found) / seen.searches] as const
          )
        }
      }
    })
  })
}

function pathCounts(chosen: number): number[] {
  return [...new Set([...PATHS, chosen])].toSorted((a, b) => a - b)
}

/** The ids that are nearest to a key. */
function surroundingIds(key: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => key ^ (index + 1))
}
