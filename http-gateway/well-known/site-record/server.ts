import type { IncomingMessage, ServerResponse } from 'node:http'
import type { VerifiedSite } from '../../../overlay/content/index.ts'
import { nothingPublishedYet } from '../../pages/request-problems.ts'
import { sendProblem } from '../../pages/server.ts'
import { checkPreconditions } from '../../site/conditional.ts'

const MS_PER_SECOND = 1000

/** Answers with the signed record of the node's own site; its tag is its sequence number, so that asking again costs nothing. */
export function sendSiteRecord(
  request: IncomingMessage,
  response: ServerResponse,
  site: VerifiedSite | undefined,
  server: string
): void {
  if (site === undefined) {
    sendProblem(request, response, nothingPublishedYet(), server)

    return
  }

  const etag = `"${site.seq}"`
  const modified = Math.floor(site.issued / MS_PER_SECOND)
  const verdict = checkPreconditions(request.headers, { etag, modified })
  const fields = ['Server', server, 'ETag', etag, 'Cache-Control', 'no-cache']

  if (verdict !== 'send') {
    response.writeHead(verdict === 'not-modified' ? 304 : 412, fields).end()

    return
  }

  response.writeHead(200, [
    ...fields,
    'Content-Type',
    'application/vnd.plexnet.site',
    'Content-Length',
    String(site.bytes.length),
    'Last-Modified',
    new Date(site.issued).toUTCString(),
    'X-Content-Type-Options',
    'nosniff'
  ])
  response.end(site.bytes)
}
