import type { Outcome, Values, Violation } from '../scenario.ts'

/** One run to be played. */
export interface Job {
  readonly scenario: string
  readonly values: Values
  readonly files: Readonly<Record<string, string>>
  readonly seed: number
}

export interface Played {
  readonly seed: number
  readonly outcome: Outcome
  readonly traceHash: string
  readonly events: number
  readonly until: number
  readonly ended: number
  readonly isComplete: boolean
  readonly violation?: Violation
}

export interface Progress {
  readonly seed: number
  readonly now: number
  readonly until: number
  readonly events: number
  readonly liveNodes: number
}

export type WorkerMessage =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'played'; readonly played: Played }
  | {
      readonly kind: 'failed'
      readonly error: { readonly message: string; readonly code?: string }
    }
