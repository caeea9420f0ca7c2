import { isIP } from 'node:net'
import { canonicalHost } from './host.ts'
import { canonicalIp } from './ip.ts'

export interface Names {
  readonly ips: readonly string[]
  /** An IP address among the hosts counts as one of the addresses. */
  readonly hosts: readonly string[]
}

/**
 * The same names in the one form in which certificates carry them, each once.
 *
 * @throws {InvalidCertificateNameError}
 */
export function canonicalNames({ ips, hosts }: Names): { ips: string[]; hosts: string[] } {
  const addresses = [...ips, ...hosts.filter(host => isIP(host) !== 0)]
  const names = hosts.filter(host => isIP(host) === 0)

  return {
    ips: [...new Set(addresses.map(canonicalIp))],
    hosts: [...new Set(names.map(canonicalHost))]
  }
}
