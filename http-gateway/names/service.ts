import type { IncomingMessage, ServerResponse } from 'node:http'
import type { NamedRequest } from '../hosts/named-request.ts'
import type { NamesOptions } from './server.ts'

/** As `sendToNamed`, loaded with the first request for a name: few are. */
export function nameOpener(
  options: NamesOptions
): (request: IncomingMessage, response: ServerResponse, asked: NamedRequest) => void {
  return (request, response, asked) => {
    void import('./server.ts').then(async ({ sendToNamed }) =>
      sendToNamed(request, response, asked, options)
    )
  }
}
