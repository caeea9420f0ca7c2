import { isIP } from 'node:net'
import type { Endpoint } from '../connection/service.ts'

/** The https endpoints of a record that can be read, `first` before the others. */
export function readEndpoints(texts: readonly string[], first: string | undefined): Endpoint[] {
  return texts
    .flatMap(readEndpoint)
    .toSorted((one, other) => Number(other.text === first) - Number(one.text === first))
}

function readEndpoint(text: string): Endpoint[] {
  if (!URL.canParse(text)) {
    return []
  }

  const { protocol, hostname, port } = new URL(text)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')

  // A name would be a question to the DNS, which the address of a node is there to do without.
  return protocol === 'https:' && isIP(host) !== 0
    ? [{ text, host, port: port === '' ? 443 : Number(port) }]
    : []
}
