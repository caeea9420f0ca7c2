import { STATUS_CODES } from 'node:http'
import type { Step, StepName } from '../../discovery/index.ts'

/** Something else that a person may have meant. */
export interface Alternative {
  readonly href: string
  readonly label: string
  readonly fingerprint: string
}

/** An answer that says what went wrong (RFC 9457), how far it came, and what to do. */
export interface Problem {
  readonly status: number
  /** Stable, for programs. */
  readonly code: string
  readonly detail: string
  readonly advice: readonly string[]
  /** What was tried on the way to another node. */
  readonly steps?: readonly Step[]
  /** The step that decided: others may have failed and been made good by another way. */
  readonly failedStep?: StepName
  readonly alternatives?: readonly Alternative[]
  /** Where the same document is besides, as URIs. */
  readonly elsewhere?: readonly string[]
  /** Further header fields, such as Allow and Retry-After. */
  readonly fields?: Readonly<Record<string, string>>
}

const WAY: readonly StepName[] = [
  'seed',
  'cache',
  'dht',
  'record',
  'address',
  'certificate',
  'answer'
]

export function titleOf(status: number): string {
  return STATUS_CODES[status] ?? 'Error'
}

/** The steps in their order, those that were never reached among them as skipped. */
export function wholeWay(steps: readonly Step[]): Step[] {
  return WAY.flatMap(name => {
    const taken = steps.filter(({ step }) => step === name)

    return taken.length > 0 ? taken : [{ step: name, outcome: 'skipped', detail: 'Not reached.' }]
  })
}
