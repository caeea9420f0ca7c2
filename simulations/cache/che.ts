import { exp } from '../engine/pinned-math.ts'

/** Halvings of the bracket: enough for the last bit. */
const HALVINGS = 100

/**
 * The hit ratio of an LRU cache under independent requests, by Che's approximation: every object is held if it was asked for in the last
 * `t`, and `t` is such that as many are held as fit (Che, Tung, Wang, JSAC 2002).
 */
export function cheHitRatio(probabilities: readonly number[], capacity: number): number {
  const held = (t: number): number =>
    probabilities.reduce((sum, probability) => sum + 1 - exp(-probability * t), 0)
  let low = 0
  let high = 1

  while (held(high) < capacity) high *= 2
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (low + high) / 2

    if (held(middle) < capacity) low = middle
    else high = middle
  }

  return probabilities.reduce(
    (sum, probability) => sum + probability * (1 - exp(-probability * high)),
    0
  )
}
