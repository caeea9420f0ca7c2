import type { FastifyBaseLogger } from 'fastify'
import type { Events } from './service.ts'

const TELLS_REQUESTS = new Set(['debug', 'trace'])

/** Writes each request to the node's own log where that is to tell everything. */
export function logRequests(events: Events, logger: FastifyBaseLogger): void {
  if (!TELLS_REQUESTS.has(logger.level)) {
    return
  }

  events.listen('request', ({ method, target, host, status, isWhole, milliseconds }) => {
    logger.debug(
      { method, url: target, host, status, whole: isWhole, milliseconds: Math.round(milliseconds) },
      'request'
    )
  })
}
