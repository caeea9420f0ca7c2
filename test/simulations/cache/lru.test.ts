import test from 'ava'
import fc from 'fast-check'
import { cheHitRatio } from '../../../simulations/cache/che.ts'
import { LruCache } from '../../../simulations/cache/lru.ts'

test('the cache holds what a plain list of the last used holds', t => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.nat(15), { maxLength: 200 }),
      (capacity, keys) => {
        const cache = new LruCache(16, capacity)
        let list: number[] = []

        for (const key of keys) {
          t.is(cache.request(key), list.includes(key))
          list = [key, ...list.filter(other => other !== key)].slice(0, capacity)
          t.is(cache.size, list.length)
        }
        for (let key = 0; key < 16; key += 1) t.is(cache.has(key), list.includes(key))
      }
    )
  )
})

test('when all are equally popular, the hit ratio is the share that fits', t => {
  const probabilities = Array.from({ length: 1000 }, () => 0.001)

  t.true(Math.abs(cheHitRatio(probabilities, 250) - 0.25) < 1e-9)
})
