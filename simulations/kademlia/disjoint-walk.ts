import { distance } from './identifiers.ts'

/** Tables that do not change: the contacts of a node that are nearest to a target. */
export type ContactsOf = (id: number, target: number) => readonly number[]

export interface WalkOptions {
  readonly target: number
  readonly contactsOf: ContactsOf
  /** Whether a path gets there by asking this node; without it, by learning of the target. */
  readonly isGoal?: (id: number) => boolean
  /** Whether a node leads all who ask it astray. */
  readonly isAdverse: (id: number) => boolean
}

interface Path {
  readonly known: Set<number>
  /** Nodes asked. */
  length: number
  state: 'walking' | 'arrived' | 'lost'
}

export interface WalkResult {
  readonly isFound: boolean
  /** Nodes asked on each path that got there. */
  readonly lengths: readonly number[]
}

/**
 * A lookup over disjoint paths as S/Kademlia makes it: the contacts that are known at first are dealt out to the paths, each asks the nearest that it
 * knows, and no node is asked twice by the whole lookup. A path is lost when it asks an adverse node.
 */
export function walkDisjoint(
  start: readonly number[],
  paths: number,
  options: WalkOptions
): WalkResult {
  const asked = new Set<number>()
  const all = Array.from({ length: paths }, (_, index): Path => {
    const known = new Set(start.filter((__, contact) => contact % paths === index))

    return { known, length: 0, state: known.has(options.target) ? 'arrived' : 'walking' }
  })

  while (all.some(({ state }) => state === 'walking')) {
    for (const path of all) if (path.state === 'walking') step(path, asked, options)
  }

  const arrived = all.filter(({ state }) => state === 'arrived')

  return { isFound: arrived.length > 0, lengths: arrived.map(({ length }) => length) }
}

function step(path: Path, asked: Set<number>, options: WalkOptions): void {
  const { target, contactsOf, isAdverse, isGoal } = options
  const next = nearestOf(path.known, target, asked)

  if (next == null) {
    path.state = 'lost'
    return
  }
  asked.add(next)
  path.known.delete(next)
  path.length += 1

  if (isAdverse(next)) {
    path.state = 'lost'
    return
  }
  if (isGoal?.(next) === true) {
    path.state = 'arrived'
    return
  }
  for (const contact of contactsOf(next, target)) {
    if (isGoal == null && contact === target) path.state = 'arrived'
    if (!asked.has(contact)) path.known.add(contact)
  }
}

function nearestOf(
  known: Iterable<number>,
  target: number,
  asked: Set<number>
): number | undefined {
  let best: number | undefined

  for (const id of known) {
    if (!asked.has(id) && (best == null || distance(id, target) < distance(best, target))) best = id
  }

  return best
}
