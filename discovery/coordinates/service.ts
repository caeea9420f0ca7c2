import { LRUCache } from 'lru-cache'
import { formatAddress, type FullAddress } from '../../identity/index.ts'
import type { VerifiedRecord } from '../record.ts'
import { readCoordinate, roundCoordinate, type Coordinate } from './coordinate.ts'
import { RoundTrips } from './round-trips.ts'
import { estimate } from './telling.ts'
import { observe, ORIGIN } from './vivaldi.ts'

/** Samples from one node count this far apart, in ms: whoever is asked most must not draw this node to where it likes. */
const SAMPLE_EVERY = 10_000

/** How far one sample moves this node, in ms: one absurd claim changes little, and honest ones make it good. */
const MOST_STEP = 25

/** Nodes whose last sample is remembered. */
const MAX_SAMPLED = 2000

/** How far a node is, in ms. */
export interface Distance {
  readonly roundTrip: number
  /** Of this node's own traffic; otherwise it follows from what the other claims of its place. */
  readonly isMeasured: boolean
}

export interface LocalityOptions {
  /** A record that is at hand. */
  readonly recordOf: (address: FullAddress) => VerifiedRecord | undefined
}

/** Where this node is among the others, as the round trips of its ordinary traffic show: nothing is sent for it. */
export class Locality {
  readonly #options: LocalityOptions
  readonly #roundTrips = new RoundTrips()
  readonly #sampled = new LRUCache<string, number>({ max: MAX_SAMPLED })
  #own: Coordinate | undefined

  constructor(options: LocalityOptions) {
    this.#options = options
  }

  /** Goes on from where the last run was. */
  restore(coordinate: Coordinate | undefined): void {
    this.#own ??= coordinate
  }

  /** This node's place; undefined where nothing was measured yet. */
  get coordinate(): Coordinate | undefined {
    return this.#own
  }

  /** Takes in a round trip to the node of a record, in ms. */
  observe({ address, coordinate }: VerifiedRecord, roundTrip: number): void {
    const now = Date.now()
    const node = formatAddress(address)

    if (!this.#roundTrips.add(node, roundTrip, now)) return
    if (now - (this.#sampled.get(node) ?? 0) < SAMPLE_EVERY) return

    this.#sampled.set(node, now)
    // One that does not know its place yet stands where all begin, and counts for little.
    this.#move(coordinate ?? ORIGIN, this.#roundTrips.of(node, now) ?? roundTrip)
  }

  /** How far a node is: measured, or else after its claim; undefined where neither is known. */
  distance(address: FullAddress): Distance | undefined {
    const measured = this.#roundTrips.of(formatAddress(address), Date.now())

    if (measured != null) return { roundTrip: measured, isMeasured: true }

    const claimed = this.#options.recordOf(address)?.coordinate
    const roundTrip = this.#own == null ? undefined : estimate(this.#own, claimed)

    return roundTrip == null ? undefined : { roundTrip, isMeasured: false }
  }

  #move(other: Coordinate, roundTrip: number): void {
    const moved = observe(
      this.#own ?? ORIGIN,
      { other, roundTrip, mostStep: MOST_STEP },
      Math.random
    )

    // Whoever was led out of this world begins anew.
    this.#own = readCoordinate(roundCoordinate(moved)) == null ? ORIGIN : moved
  }
}
