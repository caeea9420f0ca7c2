import { isIP } from 'node:net'
import { hostOf } from '../../overlay/agreements/index.ts'
import { isPublicAddress } from '../upstream/sources/address-policy.ts'

/** Whether a place of a mirror may be told to others, and asked; names are judged again when they are resolved. */
export function isAllowedPlace(uri: string, allowPrivate: boolean): boolean {
  const host = hostOf(uri)

  return allowPrivate || (isIP(host) === 0 ? !isLocalName(host) : isPublicAddress(host))
}

function isLocalName(host: string): boolean {
  return (
    host === '' || host === 'localhost' || host.endsWith('.localhost') || host.endsWith('.local')
  )
}
