import { predict, type Coordinate } from './coordinate.ts'

/** Whoever is further off than this knows too little of its place for anybody to go by. */
const MOST_ERROR = 0.5

/** A place that is told already is told anew when it is off by so many ms, and by so much of the distance to the middle. */
const LEAST_MOVE = 20
const LEAST_SHARE = 0.25

/** And not before this time has passed, in ms: each telling is a new record that others store. */
const TELL_EVERY = 30 * 60_000

/** The first time sooner: others can measure their own places by it. */
const TELL_FIRST = 60_000

/** Whether a new record should be signed for the place alone; `own` is undefined for a node that has measured nothing. */
export function isWorthTelling(
  own: Coordinate | undefined,
  told: { readonly coordinate?: Coordinate | undefined; readonly issued: number },
  now: number
): boolean {
  const age = now - told.issued

  if (own == null) return false
  if (told.coordinate == null) return age >= TELL_FIRST
  if (age < TELL_EVERY) return false

  const { x, y, height } = told.coordinate
  const moved = Math.sqrt((own.x - x) ** 2 + (own.y - y) ** 2) + Math.abs(own.height - height)

  return moved >= LEAST_MOVE && moved >= LEAST_SHARE * (Math.sqrt(x * x + y * y) + height)
}

/** A round trip by the places of both ends, in ms; undefined where one of them does not know its own. */
export function estimate(own: Coordinate, other: Coordinate | undefined): number | undefined {
  return other == null || own.error > MOST_ERROR || other.error > MOST_ERROR
    ? undefined
    : predict(own, other)
}
