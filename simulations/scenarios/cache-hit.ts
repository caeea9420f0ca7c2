import { S3Fifo } from '../../overlay/content/block-cache/s3-fifo.ts'
import { cheHitRatio } from '../cache/che.ts'
import { LruCache } from '../cache/lru.ts'
import { Zipf } from '../engine/distributions.ts'
import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { MILLISECOND } from '../engine/ticks.ts'
import { numberOf, type Run, type Scenario, type Setup, type Values } from '../scenario.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const REQUEST = 64

/** Sizes of the cache, as shares of all objects. */
const SIZES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]

/** One request each; the time only orders them. */
const INTERVAL: number = MILLISECOND

/** Requests before the hits are counted, as a share. */
const WARM_UP = 0.2

/** Hit ratios of the node's cache policy. */
export const CACHE_HIT: Scenario = {
  name: 'cache-hit',
  title: 'How much of what is asked for is in the cache',
  description:
    "The node's own block cache policy (S3-FIFO) beside plain LRU, for requests by Zipf's law mixed with scans: things that are asked for in a row and only once.",
  parameters: {
    objects: {
      description: 'objects that are asked for by Zipf',
      unit: 'count',
      default: '10000',
      least: 100,
      most: 1_000_000
    },
    exponent: {
      description: "exponent of Zipf's law; measured on the Web 0.64 to 0.83",
      unit: 'number',
      default: '0.8',
      most: 2
    },
    requests: {
      description: 'requests',
      unit: 'count',
      default: '200000',
      least: 1000,
      most: 100_000_000
    },
    size: {
      description: 'room in the cache, as a share of the objects',
      unit: 'share',
      default: '10%',
      least: 0.001
    },
    scans: {
      description: 'share of the requests that belong to scans',
      unit: 'share',
      default: '20%',
      most: 0.95
    }
  },
  figures: {
    policy: { label: 'Hits, S3-FIFO', unit: '%', headline: true },
    lru: { label: 'Hits, LRU', unit: '%', headline: true },
    gain: { label: 'Gained over LRU', unit: 'points', headline: true },
    che: { label: 'Hits of LRU without scans, by Che', unit: '%' },
    best: { label: 'Hits, if the most popular were always held', unit: '%' }
  },
  charts: {
    size: {
      title: 'Hits against the size of the cache',
      x: 'room, % of the objects',
      y: 'hits of the requests by Zipf, %',
      logX: true
    }
  },
  leavesOut: [
    'Requests do not depend on each other or on the time of day; real ones come in bursts, which helps every cache.',
    'All objects are equally large and none changes.',
    'Hits are counted among the requests by Zipf: a scan never hits.'
  ],
  begin
}

interface Contest {
  readonly share: number
  readonly policy: S3Fifo
  readonly lru: LruCache
  policyHits: number
  lruHits: number
}

function begin({ seed, values }: Setup): Run {
  const simulation = new Simulation()
  const streams = new Streams(seed)
  const popularity = streams.stream('popularity')
  const scans = streams.stream('scans')
  const objects = numberOf(values, 'objects')
  const requests = numberOf(values, 'requests')
  const zipf = new Zipf(objects, numberOf(values, 'exponent'))
  const contests = sharesOf(values).map(share => contestOf(share, objects, requests))
  let counted = 0
  let scanned = 0

  const percent = (hits: number): number => (100 * hits) / counted

  simulation.handle(REQUEST, (_, number, object) => {
    const counts = object < objects && number >= requests * WARM_UP

    counted += counts ? 1 : 0
    for (const contest of contests) ask(contest, object, counts)
    if (number + 1 < requests) simulation.after(INTERVAL, REQUEST, number + 1, nextObject())
  })
  simulation.after(0, REQUEST, 0, nextObject())

  function nextObject(): number {
    if (scans.uniform() >= numberOf(values, 'scans')) return zipf.draw(popularity)
    scanned += 1

    return objects + scanned
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => 1,
    until: requests * INTERVAL,
    outcome: () => {
      const chosen = contests.find(({ share }) => share === numberOf(values, 'size'))!
      const probabilities = Array.from({ length: objects }, (_, rank) => zipf.probability(rank))
      const room = Math.ceil(chosen.share * objects)

      return {
        figures: {
          policy: percent(chosen.policyHits),
          lru: percent(chosen.lruHits),
          gain: percent(chosen.policyHits - chosen.lruHits),
          che: room >= objects ? 100 : 100 * cheHitRatio(probabilities, room),
          best:
            100 * probabilities.slice(0, room).reduce((sum, probability) => sum + probability, 0)
        },
        lines: {
          size: {
            'S3-FIFO': contests.map(
              ({ share, policyHits }) => [share * 100, percent(policyHits)] as const
            ),
            LRU: contests.map(({ share, lruHits }) => [share * 100, percent(lruHits)] as const)
          }
        }
      }
    }
  })
}

function sharesOf(values: Values): number[] {
  return [...new Set([...SIZES, numberOf(values, 'size')])].toSorted((a, b) => a - b)
}

function contestOf(share: number, objects: number, requests: number): Contest {
  const room = Math.ceil(share * objects)

  return {
    share,
    policy: new S3Fifo(room),
    lru: new LruCache(objects + requests + 1, room),
    policyHits: 0,
    lruHits: 0
  }
}

function ask(contest: Contest, object: number, counts: boolean): void {
  const key = String(object)
  const isHit = contest.policy.use(key)

  if (!isHit) contest.policy.add(key, 1)
  if (isHit && counts) contest.policyHits += 1
  if (contest.lru.request(object) && counts) contest.lruHits += 1
}
