import type { IncomingMessage, ServerResponse } from 'node:http'
import type { VerifiedSite } from '../../../overlay/content/index.ts'
import type { SignAnswer } from '../../audit/signing/service.ts'
import { nothingPublishedYet } from '../../pages/request-problems.ts'
import { sendProblem } from '../../pages/server.ts'
import { checkPreconditions } from '../../site/conditional.ts'

const MS_PER_SECOND = 1000

export interface SiteRecordOptions {
  readonly sign?: SignAnswer | undefined
  readonly server: string
}

/** Answers with the signed record of the node's own site; its tag is its sequence number, so that asking again costs nothing. */
export async function sendSiteRecord(
  request: IncomingMessage,
  response: ServerResponse,
  site: VerifiedSite | undefined,
  { sign, server }: SiteRecordOptions
): Promise<void> {
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

  const whole = [
    ...fields,
    'Content-Type',
    'application/vnd.plexnet.site',
    'Content-Length',
    String(site.bytes.length),
    'Last-Modified',
    new Date(site.issued).toUTCString(),
    'X-Content-Type-Options',
    'nosniff'
  ]
  const signature =
    request.method === 'GET'
      ? await sign?.(request, { status: 200, fields: whole, content: site.bytes })
      : []

  response.writeHead(200, [...whole, ...(signature ?? [])])
  response.end(site.bytes)
}
