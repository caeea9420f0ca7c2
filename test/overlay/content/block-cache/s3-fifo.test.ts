import test from 'ava'
import fc from 'fast-check'
import { LRUCache } from 'lru-cache'
import { S3Fifo } from '../../../../overlay/content/block-cache/s3-fifo.ts'

const BUDGET = 500
const BLOCKS = 5000
const REQUESTS = 40_000

test('a one-time scan does not flush what is used often, as it does with LRU (C11)', t => {
  const before = [...zipf(REQUESTS, 1)]
  const scan = Array.from({ length: 4 * BUDGET }, (_, index) => `scan ${index}`)
  const after = [...zipf(2000, 2)]

  const s3 = cacheOf(new S3Fifo(BUDGET))
  const lru = lruOf(BUDGET)

  for (const cache of [s3, lru]) for (const key of [...before, ...scan]) cache(key)

  const [kept, lost] = [hitRate(s3, after), hitRate(lru, after)]
  const undisturbed = cacheOf(new S3Fifo(BUDGET))

  for (const key of before) undisturbed(key)

  t.true(kept > lost + 0.1, `${kept} against ${lost}`)
  t.true(kept > hitRate(undisturbed, after) - 0.03)
})

test('scans mixed into a workload cost fewer hits than with LRU, and without scans it is no worse', t => {
  const mixed = [...zipf(REQUESTS, 3)].flatMap((key, index) => [key, `once ${index}`])
  const plain = [...zipf(REQUESTS, 4)]

  t.true(popularHits(cacheOf(new S3Fifo(BUDGET)), mixed) > popularHits(lruOf(BUDGET), mixed) * 1.1)
  t.true(hitRate(cacheOf(new S3Fifo(BUDGET)), plain) >= hitRate(lruOf(BUDGET), plain))
})

test('what is popular now takes the place of what was popular before', t => {
  const cache = cacheOf(new S3Fifo(BUDGET))

  for (const key of zipf(REQUESTS, 5)) cache(`old ${key}`)
  for (const key of zipf(REQUESTS, 6)) cache(`new ${key}`)

  t.true(
    hitRate(
      cache,
      [...zipf(4000, 7)].map(key => `new ${key}`)
    ) > 0.5
  )
})

test('whatever is done, the weight stays under the budget and is that of the keys that are kept', t => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 40 }).map(String),
    weight: fc.integer({ min: 1, max: 120 }),
    kind: fc.constantFrom('add', 'use', 'delete')
  })

  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), steps => {
      const policy = new S3Fifo(100)
      const kept = new Map<string, number>()

      for (const { key, weight, kind } of steps) {
        if (kind === 'add') {
          if (!kept.has(key)) kept.set(key, weight)
          for (const gone of policy.add(key, weight)) kept.delete(gone)
        } else if (kind === 'delete') {
          if (policy.delete(key) !== kept.delete(key)) return false
        } else if (policy.use(key) !== kept.has(key)) {
          return false
        }

        const weights = [...kept.values()].reduce((sum, one) => sum + one, 0)

        if (policy.weight !== weights || weights > 100 || policy.size !== kept.size) return false
      }

      return true
    })
  )
  t.pass()
})

type Cache = (key: string) => boolean

/** Uses a key, and takes it in where it is not there. */
function cacheOf(policy: S3Fifo): Cache {
  return key => {
    const isHit = policy.use(key)

    if (!isHit) policy.add(key, 1)

    return isHit
  }
}

function lruOf(max: number): Cache {
  const lru = new LRUCache<string, true>({ max })

  return key => {
    const isHit = lru.get(key) === true

    if (!isHit) lru.set(key, true)

    return isHit
  }
}

function hitRate(cache: Cache, keys: readonly string[]): number {
  return keys.filter(key => cache(key)).length / keys.length
}

function popularHits(cache: Cache, keys: readonly string[]): number {
  return keys.filter(key => cache(key) && !key.startsWith('once')).length
}

/** Keys by Zipf's law with exponent 0.9, the same for the same seed. */
function* zipf(count: number, seed: number): Generator<string> {
  const weights = Array.from({ length: BLOCKS }, (_, rank) => 1 / (rank + 1) ** 0.9)
  const sums: number[] = []

  for (const weight of weights) sums.push((sums.at(-1) ?? 0) + weight)

  const total = sums.at(-1) ?? 1
  let state = seed

  for (let index = 0; index < count; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield String(lowerBound(sums, (state / 2 ** 32) * total))
  }
}

function lowerBound(sums: readonly number[], wanted: number): number {
  let [low, high] = [0, sums.length - 1]

  while (low < high) {
    const middle = (low + high) >> 1

    if ((sums[middle] ?? 0) < wanted) low = middle + 1
    else high = middle
  }

  return low
}
