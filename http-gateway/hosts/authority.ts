import { isIP } from 'node:net'

/** Where a request is for, out of its Host field or its absolute target. */
export interface Authority {
  /** Lower case, without a final dot; an IPv6 address without brackets. */
  readonly name: string
  readonly port: string | undefined
  readonly isAddress: boolean
}

// A DNS name has 253 characters at most; a bracketed address and a port are shorter.
const MAX_LENGTH = 253 + ':65535'.length
const SHAPE = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{0,5}))?$/i

/** `uri-host [":" port]` (RFC 9110 section 7.2), or undefined where the text is none. */
export function parseAuthority(text: string): Authority | undefined {
  const [, ipv6, other, digits] = (text.length <= MAX_LENGTH && SHAPE.exec(text)) || []
  const port = digits === '' ? undefined : digits

  if (port !== undefined && Number(port) > 65_535) {
    return undefined
  }

  if (ipv6 !== undefined) {
    return isIP(ipv6) === 6 ? { name: ipv6.toLowerCase(), port, isAddress: true } : undefined
  }

  const name = other?.toLowerCase().replace(/\.$/, '')

  return name === undefined || name === '' ? undefined : { name, port, isAddress: isIP(name) === 4 }
}
