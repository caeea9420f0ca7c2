import type { FullAddress } from '../../../identity/index.ts'

/** In the record of a node that gives others what it has read. */
export const CACHE_CAPABILITY = 'cache'

/** A node nearby that offers what it has read. */
export interface Sibling {
  readonly address: FullAddress
  /** Of the line to it, in ms, as this node measured it; nobody is asked for what it claims. */
  readonly roundTrip: number
}

/** From this round trip on, in ms, an origin is far: below, a question costs about what it saves. */
const FAR = 20

/** A sibling is asked where its round trip is at most this part of the origin's. */
const NEARER = 0.5

/** Siblings that are asked about one file: what the nearest four do not have is not worth a fifth question. */
const MOST_ASKED = 4

/** How long their answers are waited for, as a part of the origin's round trip, and at most, in ms: what a miss may cost a reader. */
const WAIT_SHARE = 0.5
const LONGEST_WAIT = 100

/** Siblings to ask for a file before its origin, the nearest first; `origin` is the round trip of the nearest known source in ms, undefined where none is known. */
export function siblingsToAsk(siblings: readonly Sibling[], origin: number | undefined): Sibling[] {
  const far = origin ?? Number.POSITIVE_INFINITY

  if (far < FAR) return []

  return siblings
    .filter(({ roundTrip }) => roundTrip <= NEARER * far)
    .toSorted((a, b) => a.roundTrip - b.roundTrip)
    .slice(0, MOST_ASKED)
}

/** How long a reader waits for the first who has it, in ms; who answers later joins in the middle. */
export function waitFor(origin: number | undefined): number {
  return Math.min(LONGEST_WAIT, WAIT_SHARE * (origin ?? Number.POSITIVE_INFINITY))
}
