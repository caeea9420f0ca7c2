export type Verdict = 'met' | 'missed' | 'left out'

/** One published figure, and ours. */
export interface Check {
  readonly what: string
  readonly published: string
  readonly ours: string
  readonly tolerance: string
  readonly verdict: Verdict
  /** What explains a miss, or why it was left out. */
  readonly note?: string
}

/** What a validation may use besides its own arithmetic. */
export interface ValidationSetup {
  /** Smaller networks and fewer runs, for minutes in place of half an hour. */
  readonly isQuick: boolean
  /** Files of third parties that are there, by name. */
  readonly data: Readonly<Record<string, string>>
}

/** A published result, to be got again. */
export interface Validation {
  readonly name: string
  readonly title: string
  /** Who published it, where. */
  readonly source: string
  readonly conditions: string
  readonly check: (setup: ValidationSetup) => Check[]
}

export function verdict(isMet: boolean): Verdict {
  return isMet ? 'met' : 'missed'
}
