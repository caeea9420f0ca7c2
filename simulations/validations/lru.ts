import { cheHitRatio } from '../cache/che.ts'
import { LruCache } from '../cache/lru.ts'
import { Zipf } from '../engine/distributions.ts'
import { Streams } from '../engine/random.ts'
import { verdict, type Check, type Validation, type ValidationSetup } from './validation.ts'

const OBJECTS = 10_000
const EXPONENTS = [0.64, 0.8, 1]
const CAPACITIES = [100, 1000]
const QUICK_REQUESTS = 2_000_000
const REQUESTS = 10_000_000

/** Requests before the hits are counted, as a share. */
const WARM_UP = 0.1

/** In points. */
const TOLERANCE = 0.2

export const LRU: Validation = {
  name: 'lru',
  title: 'Hit ratio of an LRU cache',
  source:
    'Che, Tung, Wang: "Hierarchical Web Caching Systems", IEEE JSAC 20(7), 2002; Zipf exponents as Breslau et al., INFOCOM 1999',
  conditions: `${OBJECTS} objects, independent requests by Zipf's law, 2 (quick) or 10 million of them.`,
  check
}

function check({ isQuick }: ValidationSetup): Check[] {
  return EXPONENTS.flatMap(exponent => {
    const zipf = new Zipf(OBJECTS, exponent)
    const probabilities = Array.from({ length: OBJECTS }, (_, rank) => zipf.probability(rank))

    return CAPACITIES.map(capacity => {
      const theirs = 100 * cheHitRatio(probabilities, capacity)
      const ours = 100 * simulatedHitRatio(zipf, capacity, isQuick ? QUICK_REQUESTS : REQUESTS)

      return {
        what: `Zipf ${exponent}, room for ${capacity}`,
        published: `${theirs.toFixed(2)} %`,
        ours: `${ours.toFixed(2)} %`,
        tolerance: `± ${TOLERANCE} points`,
        verdict: verdict(Math.abs(ours - theirs) <= TOLERANCE)
      }
    })
  })
}

function simulatedHitRatio(zipf: Zipf, capacity: number, requests: number): number {
  const cache = new LruCache(OBJECTS, capacity)
  const stream = new Streams(capacity).stream('requests')
  const warmUp = Math.floor(requests * WARM_UP)
  let hits = 0

  for (let request = 0; request < requests; request += 1) {
    const isHit = cache.request(zipf.draw(stream))

    if (isHit && request >= warmUp) hits += 1
  }

  return hits / (requests - warmUp)
}
