import type { Unit } from './engine/units.ts'

export interface Quantity {
  readonly description: string
  readonly unit: Unit
  /** As a person types it. */
  readonly default: string
  /** Smallest and largest value that means something, in the simulator's own units. */
  readonly least?: number
  readonly most?: number
}

export interface Choice {
  readonly description: string
  readonly choices: readonly string[]
  readonly default: string
}

/** A file whose text the run gets in its setup; none by default. */
export interface TextFile {
  readonly description: string
  readonly file: true
  readonly default: ''
}

export type Parameter = Quantity | Choice | TextFile

export type Value = number | string

/** A value for each parameter: quantities in ticks, bytes, bytes a second or plain numbers. */
export type Values = Readonly<Record<string, Value>>

export interface Figure {
  readonly label: string
  readonly unit: string
  /** Shown large. */
  readonly headline?: boolean
}

export interface Chart {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly logX?: boolean
  /** Bars in place of a line, for counts of something whole. */
  readonly bars?: boolean
  readonly logY?: boolean
}

/** Lines by name; with every seed, a line has the same x values. */
export type Lines = Readonly<Record<string, readonly (readonly [x: number, y: number])[]>>

export interface Outcome {
  readonly figures: Readonly<Record<string, number>>
  readonly lines: Readonly<Record<string, Lines>>
}

/** Something that must never happen, and did. */
export interface Violation {
  /** In ticks. */
  readonly time: number
  readonly message: string
}

export type EventListener = (time: number, kind: number, a: number, b: number) => void

/** One run with one seed, carried on piece by piece. */
export interface Run {
  /** Plays up to so many events; false when the run is over. */
  advance(events: number): boolean
  /** In ticks. */
  readonly now: number
  readonly until: number
  readonly liveNodes: number
  readonly trace: { readonly hash: string; readonly events: number }
  readonly violation?: Violation | undefined
  /** What there is to say so far. */
  outcome(): Outcome
  /** From now on each event is told. */
  listen?(listener: EventListener): void
}

export interface Setup {
  readonly seed: number
  readonly values: Values
  /** The texts of those file parameters that name one. */
  readonly files: Readonly<Record<string, string>>
}

/** A question about the network, with all that is needed to ask it and to read the answer. */
export interface Scenario {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly figures: Readonly<Record<string, Figure>>
  readonly charts: Readonly<Record<string, Chart>>
  /** What a reader must not conclude from the results. */
  readonly leavesOut: readonly string[]
  /** Values that are possible each, and not together: what is wrong, or undefined. */
  readonly check?: (values: Values) => string | undefined
  readonly begin: (setup: Setup) => Run
}

/** The value of a quantity. */
export function numberOf(values: Values, name: string): number {
  const value = values[name]

  if (typeof value !== 'number') throw new TypeError(`${name} is no quantity of this scenario`)

  return value
}
