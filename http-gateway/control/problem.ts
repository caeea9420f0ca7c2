import type { TrailStep } from './controlled-node.ts'

/** RFC 9457 problem details, with what the command line needs to tell the same error. */
export interface Problem {
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly trail?: readonly TrailStep[] | undefined
}

/** A failure that the running node told of. */
export class ControlError extends Error {
  readonly code: string
  readonly status: number
  readonly trail: readonly TrailStep[] | undefined

  constructor(problem: Problem) {
    super(problem.detail)
    this.name = problem.title
    this.code = problem.code
    this.status = problem.status
    this.trail = problem.trail
  }
}

/** The error as a problem; one without a code is the node's own fault. */
export function toProblem(error: unknown): Problem {
  const cause: Failure = typeof error === 'object' && error != null ? error : {}
  const { name, message = String(error), code, statusCode, trail } = cause

  return {
    title: name ?? 'Error',
    status: STATUS[code ?? ''] ?? statusCode ?? 500,
    detail: message,
    code: code ?? 'PLEXNET_INTERNAL',
    trail
  }
}

/** The problem in an answer of the control API or of a gateway, or undefined where the answer is something else. */
export function readProblem(body: unknown): Problem | undefined {
  if (typeof body !== 'object' || body == null) {
    return undefined
  }
  const {
    title,
    status,
    detail,
    code,
    trail,
    steps = trail
  }: Partial<Record<Member, unknown>> = body

  return typeof detail === 'string' && typeof code === 'string'
    ? {
        title: typeof title === 'string' ? title : 'Error',
        status: typeof status === 'number' ? status : 500,
        detail,
        code,
        trail: Array.isArray(steps) ? steps.filter(isStep) : undefined
      }
    : undefined
}

/** A gateway calls its trail steps. */
type Member = keyof Problem | 'steps'

interface Failure {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly statusCode?: number
  readonly trail?: readonly TrailStep[]
}

const STATUS: Readonly<Record<string, number>> = {
  PLEXNET_NOT_FOUND: 404,
  PLEXNET_NO_SITE_RECORD: 404,
  PLEXNET_INVALID_SOURCE: 400,
  PLEXNET_AMBIGUOUS: 300,
  PLEXNET_OFFLINE: 502,
  PLEXNET_PINNED_KEY: 502,
  PLEXNET_SUCCEEDED: 409,
  PLEXNET_REVOKED: 502,
  PLEXNET_SUCCESSION: 502,
  PLEXNET_RECORD: 400,
  PLEXNET_INVALID_NAME: 400,
  PLEXNET_NAME_NOT_FOUND: 404,
  PLEXNET_AMBIGUOUS_NAME: 300,
  PLEXNET_TOO_MANY_NAMES: 409,
  PLEXNET_MIRROR_REFUSED: 400,
  PLEXNET_NOT_MIRRORED: 404,
  PLEXNET_INVALID_TRUST: 400,
  PLEXNET_UNKNOWN_TRUST: 404,
  PLEXNET_LOCKED: 409,
  PLEXNET_FINGERPRINT_MISMATCH: 409,
  PLEXNET_INVALID_FINGERPRINT: 400,
  PLEXNET_UNANSWERED: 502,
  PLEXNET_UNREACHABLE: 502,
  PLEXNET_LOOKUP_BUSY: 503,
  PLEXNET_LOOKUP_TIMEOUT: 504,
  PLEXNET_WRONG_PASSPHRASE: 403,
  PLEXNET_INVALID_ADDRESS: 400
}

function isStep(value: unknown): value is TrailStep {
  return (
    typeof value === 'object' &&
    value != null &&
    'step' in value &&
    typeof value.step === 'string' &&
    'outcome' in value &&
    typeof value.outcome === 'string' &&
    'detail' in value &&
    typeof value.detail === 'string'
  )
}
