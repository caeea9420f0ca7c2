/** A node's statements are asked for again after this long, in ms. */
export const TRUST_INTERVAL = 10 * 60_000

/** Nodes asked in one round: a map of the default size, twice over. */
export const MAX_ASKED = 400

/** After a failure a node is left alone for this long, in ms. */
export const FAILURE_PAUSE = 2 * 60_000

export interface Asked {
  /** ms since the epoch */
  readonly at: number
  readonly failed: boolean
}

/** Whom of the accepted to ask for statements now, those never asked first. */
export function nextToAsk(
  accepted: readonly string[],
  asked: ReadonlyMap<string, Asked>,
  now: number
): string[] {
  return accepted
    .filter(party => isDue(asked.get(party), now))
    .toSorted((a, b) => (asked.get(a)?.at ?? 0) - (asked.get(b)?.at ?? 0))
    .slice(0, MAX_ASKED)
}

function isDue(asked: Asked | undefined, now: number): boolean {
  return asked == null || now - asked.at >= (asked.failed ? FAILURE_PAUSE : TRUST_INTERVAL)
}
