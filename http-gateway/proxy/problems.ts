import { NotStoredError } from '../cache/errors.ts'
import type { Problem } from '../pages/problem.ts'
import { internalError } from '../pages/request-problems.ts'
import {
  ForbiddenTargetError,
  OriginAnswerError,
  OriginTimeoutError,
  OriginUnreachableError
} from './errors.ts'

/** Why a web server's document cannot be shown; what is not one of these failures is never shown to a client. */
export function originProblem(error: unknown): Problem {
  if (error instanceof NotStoredError) {
    return problem(504, error, ['Ask without Cache-Control: only-if-cached.'])
  }

  if (error instanceof OriginTimeoutError) {
    return problem(504, error, ['Try again in a moment: the server may be busy.'])
  }

  if (error instanceof ForbiddenTargetError) {
    return problem(403, error, [
      'Open addresses of this machine and of its local network without the proxy.',
      'The owner of this node can let the proxy lead there: proxy.private and proxy.connect_ports in the configuration.'
    ])
  }

  return error instanceof OriginUnreachableError || error instanceof OriginAnswerError
    ? problem(502, error, [
        'Check the address for typing errors.',
        'Try again later: the server may be switched off for now, or behind a fault of the network.'
      ])
    : internalError()
}

export function tooManyTunnels(): Problem {
  return {
    status: 503,
    code: 'PLEXNET_TOO_MANY_TUNNELS',
    detail: 'As many tunnels are open through this proxy as it allows.',
    advice: ['Close some pages, and try again.'],
    fields: { 'Retry-After': '5' }
  }
}

function problem(
  status: number,
  { code, message }: { readonly code: string; readonly message: string },
  advice: string[]
): Problem {
  return { status, code, detail: message, advice }
}
