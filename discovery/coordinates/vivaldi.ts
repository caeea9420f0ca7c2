import { predict, type Coordinate } from './coordinate.ts'

/** Weights of a sample for the error estimate and for the place, as Vivaldi's paper sets them. */
const ERROR_WEIGHT = 0.25
const PLACE_WEIGHT = 0.25

/** No access line is shorter, in ms: a height of 0 would stay 0. */
const LEAST_HEIGHT = 0.1

const LEAST_ERROR = 0.01

/** Where a node begins that has measured nothing. */
export const ORIGIN: Coordinate = { x: 0, y: 0, height: LEAST_HEIGHT, error: 1 }

export interface Sample {
  /** Where the other says that it is. */
  readonly other: Coordinate
  /** In ms. */
  readonly roundTrip: number
  /** How far one sample may move a node, in ms; without it as far as the rule says. */
  readonly mostStep?: number
}

/**
 * Where a node is after it measured a round trip (Dabek, Cox, Kaashoek, Morris: "Vivaldi", SIGCOMM 2004, section 5.4: a plane, and each node's access line above it);
 * `chance` draws from 0 to 1 where two nodes stand in the same place.
 */
export function observe(
  own: Coordinate,
  { other, roundTrip, mostStep = Infinity }: Sample,
  chance: () => number
): Coordinate {
  const weight = own.error / (own.error + other.error)
  const predicted = predict(own, other)
  const relative = Math.abs(predicted - roundTrip) / roundTrip
  const share = ERROR_WEIGHT * weight
  const step = PLACE_WEIGHT * weight * (roundTrip - predicted)

  return {
    ...move(own, other, Math.max(-mostStep, Math.min(mostStep, step)), predicted, chance),
    error: Math.max(LEAST_ERROR, relative * share + own.error * (1 - share))
  }
}

/** Along the unit vector of height space: away from the other in the plane, and up. */
function move(
  own: Coordinate,
  other: Coordinate,
  by: number,
  predicted: number,
  chance: () => number
): Omit<Coordinate, 'error'> {
  let dx = own.x - other.x
  let dy = own.y - other.y

  if (dx === 0 && dy === 0) {
    dx = chance() - 0.5
    dy = chance() - 0.5
  }

  const scale = by / Math.max(predicted, LEAST_HEIGHT)

  return {
    x: own.x + dx * scale,
    y: own.y + dy * scale,
    height: Math.max(LEAST_HEIGHT, own.height + (own.height + other.height) * scale)
  }
}
