import type { TrustGraph } from './graph.ts'

export interface RankingOptions {
  readonly root: number
  /** Whom to rank, the root among them. */
  readonly accepted: readonly number[]
  readonly level: number
  /** What this node has seen of a party itself, as a factor from 0 to 1; 1 where it has seen nothing bad. */
  readonly evidence?: (handle: number) => number
}

/** The chance that the walk starts anew at a step; surely where a party trusts nobody. As in PageRank. */
const RESTART = 0.15

/**
 * A score for each accepted party, highest first: where a walk from the root along trust is after a few steps, divided by how many trust the party, so that
 * being trusted by a crowd is no merit, times own evidence. The walk starts anew now and then, and stops after 2 log2(n) steps, before it leaks into regions that hang on few edges.
 * (Q. Cao et al., "Aiding the detection of fake accounts in large scale social online services", NSDI 2012.)
 */
export function rankAccepted(
  graph: TrustGraph,
  { root, accepted, level, evidence = () => 1 }: RankingOptions
): { handle: number; score: number }[] {
  const places = new Map(accepted.map((handle, place) => [handle, place]))
  const targets = accepted.map(handle => weightedTargets(graph, handle, level, places))
  const start = places.get(root)
  const trusted = incomingWeights(targets)
  let chances = new Float64Array(accepted.length)

  if (start == null) return []
  chances[start] = 1

  for (let step = stepsFor(accepted.length); step > 0; step--)
    chances = walk(chances, targets, start)

  return accepted
    .map((handle, place) => ({
      handle,
      score: ((chances[place] ?? 0) / Math.max(trusted[place] ?? 0, 1)) * evidence(handle)
    }))
    .filter(({ handle }) => handle !== root)
    .toSorted((a, b) => b.score - a.score)
}

interface WeightedTargets {
  readonly places: readonly number[]
  readonly weights: readonly number[]
  readonly total: number
}

function weightedTargets(
  graph: TrustGraph,
  handle: number,
  level: number,
  places: ReadonlyMap<number, number>
): WeightedTargets {
  const levels = graph.levels(handle)
  const found = graph
    .targets(handle)
    .map((target, index) => ({ place: places.get(target), weight: levels[index] ?? 0 }))
    .filter(({ place, weight }) => place != null && weight >= level)

  return {
    places: found.map(({ place }) => place ?? 0),
    weights: found.map(({ weight }) => weight),
    total: found.reduce((sum, { weight }) => sum + weight, 0)
  }
}

function incomingWeights(targets: readonly WeightedTargets[]): Float64Array {
  const incoming = new Float64Array(targets.length)

  for (const { places, weights } of targets) {
    for (const [index, place] of places.entries()) {
      incoming[place] = (incoming[place] ?? 0) + (weights[index] ?? 0)
    }
  }

  return incoming
}

function walk(
  chances: Float64Array,
  targets: readonly WeightedTargets[],
  start: number
): Float64Array<ArrayBuffer> {
  const next = new Float64Array(chances.length)
  let restarted = 0

  for (const [from, { places, weights, total }] of targets.entries()) {
    const chance = chances[from] ?? 0
    const goesOn = total === 0 ? 0 : chance * (1 - RESTART)

    restarted += chance - goesOn

    for (const [index, place] of places.entries()) {
      next[place] = (next[place] ?? 0) + (goesOn * (weights[index] ?? 0)) / total
    }
  }

  next[start] = (next[start] ?? 0) + restarted

  return next
}

function stepsFor(count: number): number {
  return 2 * (32 - Math.clz32(Math.max(count - 1, 1)))
}
