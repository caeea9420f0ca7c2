import type { TrailStep } from '../http-gateway/control/index.ts'

/** One line that says what went wrong, and the trail where there is one. */
export function describeFailure(error: unknown): string {
  const { message, trail = [] } = failureOf(error)

  return [`plexnet: ${message}`, ...trail.map(describeStep)].join('\n')
}

/** What a script gets: the code is stable, the message is not. */
export function failureJson(error: unknown): string {
  return JSON.stringify({ error: failureOf(error) })
}

/** '  dht      failed   nobody has a record (120 ms)'. */
export function describeStep({ step, outcome, detail, milliseconds }: TrailStep): string {
  const time = milliseconds == null ? '' : ` (${Math.round(milliseconds)} ms)`

  return `  ${step.padEnd(12)} ${outcome.padEnd(8)} ${printable(detail)}${time}`
}

/** Control characters that a stranger sent must not drive the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
}

export interface FailureJson {
  readonly code: string
  readonly message: string
  readonly trail?: readonly TrailStep[]
}

/** What an error tells, fit to be shown. */
export function failureOf(error: unknown): FailureJson & Record<string, unknown> {
  if (!(error instanceof Error)) {
    return { code: 'PLEXNET_INTERNAL', message: String(error) }
  }
  const { code, message, trail, status, fault }: Failure = error

  return {
    code: code ?? 'PLEXNET_INTERNAL',
    message: printable(message),
    ...(trail == null ? {} : { trail }),
    ...(status == null ? {} : { status }),
    ...(fault == null ? {} : { fault })
  }
}

interface Failure extends Error {
  readonly code?: string
  readonly trail?: readonly TrailStep[]
  readonly status?: number
  /** Of a ConfigError: file, line, key, value, allowed. */
  readonly fault?: unknown
}
