import { formatAddress, readFullAddress, type FullAddress } from '../../../identity/index.ts'

/** What a worker tells the main process of the client whose request it hands on. */
export interface Client {
  readonly address: string
  readonly isTls: boolean
  /** Whose certificate the client has shown, as far as this node can tell. */
  readonly certificate: 'owner' | 'other' | undefined
  /** The node that the client has proved to be. */
  readonly caller: FullAddress | undefined
}

/** A field that a worker adds as the last of a request. Only workers can reach the socket that it is read from. */
export const CLIENT_FIELD = 'plexnet-client'

export function formatClient({ address, isTls, certificate, caller }: Client): string {
  return [
    address,
    isTls ? 'tls' : 'plain',
    certificate ?? 'none',
    caller === undefined ? 'none' : formatAddress(caller)
  ].join(' ')
}

export function parseClient(text: string): Client {
  const [address = '', way, certificate, caller = ''] = text.split(' ')

  return {
    address,
    isTls: way === 'tls',
    certificate: certificate === 'owner' || certificate === 'other' ? certificate : undefined,
    caller: readFullAddress(caller)
  }
}
