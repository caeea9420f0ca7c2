import type { RandomStream } from '../engine/random.ts'
import type { Certificates } from './attack.ts'

/**
 * A graph that grows: each new account is vouched for by some who are there, those with many certificates more likely (preferential attachment, Barabási
 * and Albert 1999), and vouches for half of them in turn.
 */
export function generateCertificates(
  accounts: number,
  each: number,
  stream: RandomStream
): Certificates {
  const edges: [number, number][] = []
  /** Each account as often as it stands in an edge. */
  const ends: number[] = [0]

  for (let account = 1; account < accounts; account += 1) {
    const friends = new Set(
      Array.from({ length: Math.min(each, account) }, () => ends[stream.below(ends.length)]!)
    )

    for (const friend of friends) {
      edges.push([friend, account])
      if (stream.bits() < 0) edges.push([account, friend])
      ends.push(friend, account)
    }
  }

  return { accounts, edges }
}
