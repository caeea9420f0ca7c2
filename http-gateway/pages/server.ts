import type { IncomingMessage, ServerResponse } from 'node:http'
import { readOver } from '../front/lingering/service.ts'
import { pageOf } from './page.ts'
import type { Problem } from './problem.ts'

/** Answers a request with a problem, where its answer has not begun. */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
  server: string
): void {
  if (response.headersSent) {
    response.destroy()

    return
  }

  const { status, fields, body } = pageOf(problem, request.headers.accept, server)

  if (!request.complete) {
    readOver(request)
  }

  response.writeHead(status, fields)
  response.end(body)
}
