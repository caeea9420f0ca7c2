import { accept, type AcceptanceOptions } from '../../identity/trust/acceptance.ts'
import { TrustGraph } from '../../identity/trust/graph.ts'
import { Parties } from '../../identity/trust/parties.ts'
import type { RandomStream } from '../engine/random.ts'

/** Who vouches for whom; accounts are numbers from 0 on. */
export interface Certificates {
  readonly accounts: number
  readonly edges: readonly (readonly [from: number, to: number])[]
}

export interface AttackOptions {
  /** Whose view it is. */
  readonly root: number
  readonly capacities: readonly number[]
  /** Accounts of the adversary. */
  readonly bad: number
  /** Good accounts that vouch for bad ones. */
  readonly confused: readonly number[]
  /** Bad accounts that each confused one vouches for, and each bad one. */
  readonly vouches: number
}

export interface AttackResult {
  readonly badAccepted: number
  /** The sum over the confused of their capacity less one: what the metric promises. */
  readonly bound: number
  readonly goodBefore: number
  readonly goodAfter: number
}

const LEVEL = 1

/** Up to so many accounts of those that are nearest to the root, itself left out: the worst to be confused. */
export function nearRoot({ edges }: Certificates, root: number, count: number): number[] {
  const targets = new Map<number, number[]>()
  const found = new Set([root])

  for (const [from, to] of edges) {
    const known = targets.get(from)

    if (known == null) targets.set(from, [to])
    else known.push(to)
  }
  for (const account of found) {
    for (const target of targets.get(account) ?? []) {
      if (found.size > count) return [...found].slice(1)
      found.add(target)
    }
  }

  return [...found].slice(1)
}

/** Lets confused accounts vouch for bad ones, and sees whom the node's own trust metric accepts then. */
export function attack(
  { accounts, edges }: Certificates,
  options: AttackOptions,
  stream: RandomStream
): AttackResult {
  const { root, capacities, bad, confused, vouches } = options
  const parties = new Parties('')
  const graph = new TrustGraph(parties)
  const acceptance: AcceptanceOptions = { root, level: LEVEL, capacities }
  const drawBad = (): number => accounts + stream.below(bad)

  for (let account = 0; account < accounts + bad; account += 1) parties.intern(String(account))
  for (const [from, to] of edges) graph.set({ from, to, level: LEVEL })

  const goodBefore = accept(graph, acceptance).accepted.length

  for (const from of [
    ...confused,
    ...Array(bad)
      .keys()
      .map(index => accounts + index)
  ]) {
    for (let vouch = 0; vouch < vouches; vouch += 1) {
      graph.set({ from, to: drawBad(), level: LEVEL })
    }
  }

  const { accepted } = accept(graph, acceptance)
  const badAccepted = accepted.filter(account => account >= accounts).length

  return {
    badAccepted,
    bound: boundOf(graph, options),
    goodBefore,
    goodAfter: accepted.length - badAccepted
  }
}

/** From the distances in the graph alone, apart from the metric that is judged by it. */
function boundOf(graph: TrustGraph, { root, capacities, confused }: AttackOptions): number {
  const distances = new Map([[root, 0]])

  for (const [account, distance] of distances) {
    for (const target of graph.targets(account)) {
      if (!distances.has(target)) distances.set(target, distance + 1)
    }
  }

  return [...new Set(confused)].reduce((sum, account) => {
    const capacity = capacities[distances.get(account) ?? Infinity] ?? 1

    return sum + capacity - 1
  }, 0)
}
