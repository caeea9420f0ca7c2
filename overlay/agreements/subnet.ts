import { isIP } from 'node:net'
import { isPrivateAddress } from '../../discovery/index.ts'

const V4_PARTS = 3
const V6_PARTS = 3
const V6_GROUPS = 8

/**
 * What one person has at once: the /24 or /48 of an address, or a host name; undefined for addresses of private networks, which
 * are no evidence of anything.
 */
export function subnetOf(uri: string): string | undefined {
  const host = hostOf(uri)
  const family = isIP(host)

  if (family === 0) return host === '' ? undefined : host
  if (isPrivateAddress(host)) return undefined

  return family === 4
    ? host.split('.').slice(0, V4_PARTS).join('.')
    : groupsOf(host).slice(0, V6_PARTS).join(':')
}

/** The host of a URI, an IPv6 address without its brackets; empty where it is no URI. */
export function hostOf(uri: string): string {
  return URL.parse(uri)?.hostname.replace(/^\[|\]$/g, '') ?? ''
}

/** The groups of an IPv6 address, with the zeros that `::` stands for. */
function groupsOf(host: string): string[] {
  const [head = '', tail] = host.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail == null || tail === '' ? [] : tail.split(':')

  return tail == null
    ? before
    : [
        ...before,
        ...Array.from({ length: V6_GROUPS - before.length - after.length }, () => '0'),
        ...after
      ]
}
