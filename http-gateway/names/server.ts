import type { IncomingMessage, ServerResponse } from 'node:http'
import { domainToUnicode } from 'node:url'
import type { NamedNode } from '../../discovery/index.ts'
import { formatLabel, parseAddress, type NodeAddress } from '../../identity/index.ts'
import { NAME_SUFFIX } from '../../identity/names/index.ts'
import type { NamedRequest } from '../hosts/named-request.ts'
import { foreignHost } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import { nameProblem } from './problems.ts'

/** Whom a name means: `alice/blog`, or `blog.alice` as it stands in a host. */
export type ResolveName = (
  name: string,
  options: { readonly signal?: AbortSignal }
) => Promise<NamedNode>

export interface NamesOptions {
  /** Undefined where there are no names. */
  readonly resolve: ResolveName | undefined
  /** The Server field. */
  readonly server: string
}

/**
 * Sends the client on to the address that a name means: each site keeps its own origin whatever it is called, and what a browser stored
 * for one node is never shown to another that took over its name.
 */
export async function sendToNamed(
  request: IncomingMessage,
  response: ServerResponse,
  asked: NamedRequest,
  { resolve, server }: NamesOptions
): Promise<void> {
  if (resolve === undefined) {
    sendProblem(request, response, foreignHost(`${asked.name}${NAME_SUFFIX}`), server)

    return
  }

  const gone = new AbortController()

  response.once('close', () => gone.abort())

  try {
    const address =
      labelled(asked.name) ??
      (await resolve(domainToUnicode(asked.name), { signal: gone.signal })).address

    response.writeHead(307, [
      'Server',
      server,
      'Location',
      locationOf(formatLabel(address), asked),
      'Content-Length',
      '0',
      // Tomorrow the name may mean somebody else.
      'Cache-Control',
      'no-store'
    ])
    response.end()
  } catch (error) {
    if (!gone.signal.aborted) {
      sendProblem(
        request,
        response,
        nameProblem(error, label => locationOf(label, asked)),
        server
      )
    }
  }
}

/** Links name nodes by address, too. */
function labelled(text: string): NodeAddress | undefined {
  try {
    return parseAddress(text)
  } catch {
    return undefined
  }
}

function locationOf(label: string, { scheme, port, path }: NamedRequest): string {
  return `${scheme}://${label}.localhost${port === undefined ? '' : `:${port}`}${path}`
}
