/** What came of an offer to a publisher. */
export type OfferOutcome =
  | { readonly kind: 'accepted'; readonly state: string; readonly ttl: number }
  | { readonly kind: 'refused'; readonly reason: string }
  /** It answers, and says nothing of mirrors. */
  | { readonly kind: 'unanswered' }
  /** It could not be asked. */
  | { readonly kind: 'away'; readonly reason: string }

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

// While the publisher looks at what is here, and when it is away.
const FIRST_RETRY = 3 * SECOND
const MAX_RETRY = 30 * MINUTE
const MAX_DOUBLINGS = 10

// A publisher that refuses may have room, or trust, later.
const AFTER_REFUSAL = HOUR
const WHERE_BUSY = MINUTE

// An agreement is renewed when half of its time is over, and so often at least.
const MAX_RENEWAL = 12 * HOUR

// Mirrors that were refused together do not come again together.
const SPREAD = 0.2

/**
 * How long until a publisher is asked again, in ms, after so many outcomes of the same kind in a row.
 *
 * @param random in [0, 1)
 */
export function nextOffer(outcome: OfferOutcome, repeated: number, random: number): number {
  const delay = delayAfter(outcome, repeated)

  return delay * (1 - SPREAD / 2 + SPREAD * random)
}

function delayAfter(outcome: OfferOutcome, repeated: number): number {
  switch (outcome.kind) {
    case 'accepted':
      return outcome.state === 'listed' ? Math.min(outcome.ttl / 2, MAX_RENEWAL) : retry(repeated)
    case 'refused':
      return outcome.reason === 'busy' ? WHERE_BUSY : AFTER_REFUSAL
    case 'away':
      return retry(repeated)
    case 'unanswered':
      break
  }

  return AFTER_REFUSAL
}

function retry(repeated: number): number {
  return Math.min(FIRST_RETRY * 2 ** Math.min(repeated, MAX_DOUBLINGS), MAX_RETRY)
}
