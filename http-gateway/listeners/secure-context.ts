import type { ServerOptions } from 'node:https'
import { certificatePem } from '../owner/certificate-pem.ts'

/** PEM texts. */
export interface TlsPair {
  readonly key: string
  readonly cert: string
}

/** What `ticketKeys` have to be. */
export const TICKET_KEY_BYTES = 48

/** Any text of at most 32 bytes: tickets of one context are of no use in another. */
const SESSION_CONTEXT = 'plexnet'

/**
 * What a listener for HTTPS shows and asks for.
 *
 * @param authority certificate, DER
 * @param ticketKeys with the same ones, other processes resume the sessions of this one
 */
export function secureContext(
  tls: TlsPair,
  authority: Uint8Array,
  ticketKeys: Uint8Array
): ServerOptions {
  return {
    ...tls,
    ticketKeys: Buffer.from(ticketKeys),
    // Node's own depends on the command line of the process.
    sessionIdContext: SESSION_CONTEXT,
    // A client may show the owner's certificate; whoever has none from this authority is not asked by the browser.
    ca: certificatePem(authority),
    requestCert: true,
    rejectUnauthorized: false
  }
}
