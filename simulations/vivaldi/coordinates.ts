import { length2 } from '../engine/pinned-math.ts'
import type { RandomStream } from '../engine/random.ts'

/** Weights of a sample for the error estimate and for the place, as Vivaldi's paper sets them. */
const ERROR_WEIGHT = 0.25
const PLACE_WEIGHT = 0.25

/** No access line is shorter, in ms: a height of 0 would stay 0. */
const LEAST_HEIGHT = 0.1

const FIRST_ERROR = 1
const LEAST_ERROR = 0.01

/** Coordinates of Vivaldi with heights (Dabek, Cox, Kaashoek, Morris: SIGCOMM 2004, section 5.4): a plane, and each node's access line above it; in ms. */
export class Vivaldi {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly height: Float64Array
  readonly #error: Float64Array
  readonly #stream: RandomStream

  constructor(nodes: number, stream: RandomStream) {
    this.x = new Float64Array(nodes)
    this.y = new Float64Array(nodes)
    this.height = new Float64Array(nodes).fill(LEAST_HEIGHT)
    this.#error = new Float64Array(nodes).fill(FIRST_ERROR)
    this.#stream = stream
  }

  /** What the coordinates say of a round trip, in ms. */
  predict(a: number, b: number): number {
    return (
      length2(this.x[a]! - this.x[b]!, this.y[a]! - this.y[b]!) + this.height[a]! + this.height[b]!
    )
  }

  /** Node `a` has measured a round trip to `b`, in ms, and moves. */
  observe(a: number, b: number, roundTrip: number): void {
    const weight = this.#error[a]! / (this.#error[a]! + this.#error[b]!)
    const predicted = this.predict(a, b)
    const relative = Math.abs(predicted - roundTrip) / roundTrip
    const share = ERROR_WEIGHT * weight

    this.#error[a] = Math.max(LEAST_ERROR, relative * share + this.#error[a]! * (1 - share))
    this.#move(a, b, PLACE_WEIGHT * weight * (roundTrip - predicted), predicted)
  }

  /** Along the unit vector of height space: away from `b` in the plane, and up. */
  #move(a: number, b: number, by: number, predicted: number): void {
    let dx = this.x[a]! - this.x[b]!
    let dy = this.y[a]! - this.y[b]!

    if (dx === 0 && dy === 0) {
      dx = this.#stream.uniform() - 0.5
      dy = this.#stream.uniform() - 0.5
    }

    const scale = by / Math.max(predicted, LEAST_HEIGHT)

    this.x[a]! += dx * scale
    this.y[a]! += dy * scale
    this.height[a] = Math.max(
      LEAST_HEIGHT,
      this.height[a]! + (this.height[a]! + this.height[b]!) * scale
    )
  }
}
