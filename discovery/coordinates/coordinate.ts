/** A place in the space of Vivaldi's coordinates with heights; all but `error` in ms. */
export interface Coordinate {
  readonly x: number
  readonly y: number
  /** The access line: paid on the way to everybody. */
  readonly height: number
  /** How far predictions are off, as a share of what is measured; 1 for one who knows nothing. */
  readonly error: number
}

/** No place on Earth is further from the middle, in ms: a satellite's round trip, twice over. */
const MAX_DISTANCE = 2000

/** Nobody's word for its own certainty counts for more than this. */
const LEAST_CLAIMED_ERROR = 0.1

/** As in a record, where errors are in percent. */
const PERCENT = 100

/** What the coordinates say of a round trip, in ms. */
export function predict(a: Coordinate, b: Coordinate): number {
  const dx = a.x - b.x
  const dy = a.y - b.y

  // The square root is rounded alike everywhere, Math.hypot is not.
  return Math.sqrt(dx * dx + dy * dy) + a.height + b.height
}

/** As it stands in a node record: whole ms, and whole percent. */
export function roundCoordinate({ x, y, height, error }: Coordinate): number[] {
  return [
    Math.round(x),
    Math.round(y),
    Math.round(height),
    Math.max(1, Math.round(Math.min(1, error) * PERCENT))
  ]
}

/** What a record claims of its node's place; undefined where it is none, or absurd. */
export function readCoordinate(value: unknown): Coordinate | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined

  const [x, y, height, error]: unknown[] = value

  if (!isWithin(x, -MAX_DISTANCE, MAX_DISTANCE) || !isWithin(y, -MAX_DISTANCE, MAX_DISTANCE)) {
    return undefined
  }
  if (!isWithin(height, 0, MAX_DISTANCE) || !isWithin(error, 1, PERCENT)) return undefined

  return { x, y, height, error: Math.max(LEAST_CLAIMED_ERROR, error / PERCENT) }
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}
