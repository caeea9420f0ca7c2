import { isIPv4, isIPv6 } from 'node:net'
import { InvalidCertificateNameError } from '../errors.ts'

/**
 * One text for one IP address: RFC 5952 for IPv6, without zone; an IPv4-mapped address in its IPv4 form.
 *
 * @throws {InvalidCertificateNameError}
 */
export function canonicalIp(text: string): string {
  return ipFromBytes(ipToBytes(text))
}

/**
 * 4 or 16 bytes in network order.
 *
 * @throws {InvalidCertificateNameError}
 */
export function ipToBytes(text: string): Uint8Array {
  const [address = ''] = text.split('%')
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number)
  if (!isIPv6(address)) throw new InvalidCertificateNameError(text)
  const bytes = ipv6ToBytes(hexIpv6(address))

  return isMapped(bytes) ? bytes.slice(12) : bytes
}

/** The text of 4 or 16 bytes. */
export function ipFromBytes(bytes: Uint8Array): string {
  if (bytes.byteLength === 4) return bytes.join('.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16))

  return hexIpv6(groups.join(':'))
}

/** The URL standard writes IPv6 in its shortest form, never with an IPv4 tail. */
function hexIpv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1)
}

function ipv6ToBytes(address: string): Uint8Array {
  const [head = [], tail = []] = address
    .split('::')
    .map(half => half.split(':').filter(group => group !== ''))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')

  return Uint8Array.from(
    [...head, ...zeros, ...tail]
      .map(group => Number.parseInt(group, 16))
      .flatMap(group => [group >> 8, group & 0xff])
  )
}

/** ::ffff:0:0/96, RFC 4291 section 2.5.5.2. */
function isMapped(bytes: Uint8Array): boolean {
  return bytes.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 0xff))
}
