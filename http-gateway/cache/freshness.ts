import { initialAge, type Times } from './age.ts'
import { parseDate } from './dates.ts'
import { isWhole, limitedTo, secondsOf } from './directives.ts'
import { valueOf, type Fields } from './fields.ts'
import { isHeuristic } from './statuses.ts'
import type { Rule } from './targeted.ts'

/** How long a stored response may be used, and what then; in seconds. */
export interface Freshness {
  readonly lifetime: number
  /** The origin has said so; otherwise it is a guess. */
  readonly isExplicit: boolean
  /** When the response came, in ms since the epoch, and how old it was then. */
  readonly received: number
  readonly initialAge: number
  /** Never used without asking the origin. */
  readonly mustAsk: boolean
  /** Not used stale, whatever happens to the origin. */
  readonly mustNotBeStale: boolean
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  readonly isImmutable: boolean
  /** Fields that are not used again before the origin was asked. */
  readonly notReused: readonly string[] | undefined
}

// RFC 9111 section 4.2.2 suggests a tenth of the time since the last change; for no longer than a day, since it is a guess.
const HEURISTIC_PART = 0.1
const MAX_HEURISTIC = 24 * 60 * 60

export function freshnessOf(
  status: number,
  fields: Fields,
  { directives, isTargeted }: Rule,
  times: Times
): Freshness {
  const told =
    secondsOf(directives, 's-maxage') ??
    secondsOf(directives, 'max-age') ??
    (isTargeted ? undefined : expiresIn(fields, times.received))
  const mayGuess = isHeuristic(status) || directives.has('public')

  return {
    lifetime: told ?? (mayGuess ? guess(fields, times.received) : 0),
    isExplicit: told !== undefined,
    received: times.received,
    initialAge: initialAge(fields, times),
    mustAsk: isWhole(directives, 'no-cache'),
    mustNotBeStale:
      directives.has('must-revalidate') ||
      directives.has('proxy-revalidate') ||
      directives.has('s-maxage') ||
      isWhole(directives, 'no-cache'),
    staleWhileRevalidate: secondsOf(directives, 'stale-while-revalidate') ?? 0,
    staleIfError: secondsOf(directives, 'stale-if-error') ?? 0,
    isImmutable: directives.has('immutable'),
    notReused: limitedTo(directives, 'no-cache')
  }
}

/** The present age of a stored response in seconds. */
export function ageOf({ initialAge: initial, received }: Freshness, now: number): number {
  return initial + Math.max(0, now - received) / 1000
}

/** Seconds until a stored response becomes stale; below 0 since it has. */
export function secondsLeft(freshness: Freshness, now: number): number {
  return freshness.lifetime - ageOf(freshness, now)
}

export function isFresh(freshness: Freshness, now: number): boolean {
  return secondsLeft(freshness, now) > 0
}

function expiresIn(fields: Fields, received: number): number | undefined {
  const field = valueOf(fields, 'expires')

  if (field === undefined) {
    return undefined
  }

  const expires = parseDate(field, received)
  const date = parseDate(valueOf(fields, 'date'), received) ?? received

  // RFC 9111 section 5.3: what is no date lies in the past.
  return expires === undefined ? 0 : Math.max(0, (expires - date) / 1000)
}

function guess(fields: Fields, received: number): number {
  const modified = parseDate(valueOf(fields, 'last-modified'), received)
  const date = parseDate(valueOf(fields, 'date'), received) ?? received

  // A response that sets a cookie was made for one reader, unless its origin says otherwise.
  return modified === undefined || valueOf(fields, 'set-cookie') !== undefined
    ? 0
    : Math.min(Math.max(0, ((date - modified) / 1000) * HEURISTIC_PART), MAX_HEURISTIC)
}
