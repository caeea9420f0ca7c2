import type { Problem } from '../pages/problem.ts'

/** @param reason for those who may know it: the owner, at this machine */
export function handlerFailed(path: string, reason: string | undefined): Problem {
  return {
    status: 500,
    code: 'PLEXNET_HANDLER_FAILED',
    detail: `The program behind ${path} has failed${reason === undefined ? '' : `: ${reason}`}.`,
    advice: [
      'Try again later.',
      'If this is your node, its log says where the program failed; the rest of the site goes on.'
    ]
  }
}

export function handlerTooSlow(path: string, milliseconds: number): Problem {
  return {
    status: 503,
    code: 'PLEXNET_HANDLER_TIMEOUT',
    detail: `The program behind ${path} did not answer within ${milliseconds} ms.`,
    advice: [
      'Try again later.',
      'If this is your node: handlers.timeout in its configuration is this bound.'
    ]
  }
}

export function handlerMethod(method: string, allowed: string): Problem {
  return {
    status: 405,
    code: 'PLEXNET_METHOD_NOT_ALLOWED',
    detail: `The method ${method} is not allowed here; ${allowed} are.`,
    advice: ['Use one of the methods that are allowed.'],
    fields: { Allow: allowed }
  }
}
