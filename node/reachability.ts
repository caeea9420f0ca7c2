import { isIP, isIPv6 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import type { Reachability } from '../discovery/index.ts'
import { isPrivateAddress } from '../discovery/network-prefix.ts'
import { formatAddress, formatLabel, type FullAddress } from '../identity/index.ts'

/** At most so many addresses of one kind go into the node record. */
const MAX_ADDRESSES = 16

export interface Surroundings {
  /** Public addresses given by the configuration. */
  readonly ipv4: string | undefined
  readonly ipv6: string | undefined
  readonly host: string | undefined
  readonly localOnly: boolean
  /** Addresses that the gateway listens on; `0.0.0.0` and `::` stand for all. */
  readonly bind: readonly string[]
  readonly interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>
}

/** IP addresses that others may reach this node at, the configured first; loopback where there are no others. */
export function reachableAddresses(surroundings: Surroundings): string[] {
  const { ipv4, ipv6, localOnly, bind, interfaces } = surroundings

  if (localOnly) return ['127.0.0.1', '::1']

  const configured = [ipv4, ipv6].filter(address => address != null)
  const bound = bind.flatMap(address => expand(address, interfaces))
  const outside = [...new Set([...configured, ...bound])].filter(isUseful)

  return outside.length > 0 ? outside.slice(0, MAX_ADDRESSES) : ['127.0.0.1', '::1']
}

/** What the node record says of where this node is, given the port of its HTTPS listener and libp2p's own addresses. */
export function reachabilityOf(
  surroundings: Surroundings,
  httpsPort: number,
  multiaddrs: readonly string[]
): Reachability {
  const addresses = reachableAddresses(surroundings)
  const outside = multiaddrs.filter(address => !isLoopbackMultiaddr(address))
  const port = tcpPortOf(multiaddrs)
  const configured = [surroundings.ipv4, surroundings.ipv6]
    .filter(address => address != null && port != null && !surroundings.localOnly)
    .map(address => `/${isIPv6(address ?? '') ? 'ip6' : 'ip4'}/${address}/tcp/${port}`)
  const announced =
    outside.length > 0 || configured.length > 0 ? [...configured, ...outside] : multiaddrs

  return {
    endpoints: addresses.map(address => httpsUrl(address, httpsPort)),
    multiaddrs: announced.slice(0, MAX_ADDRESSES),
    ...(surroundings.host == null ? {} : { host: surroundings.host })
  }
}

/** What the TLS certificate of a node is to be good for. */
export function certificateNames(
  address: FullAddress,
  surroundings: Surroundings
): { ips: string[]; hosts: string[] } {
  const { host } = surroundings

  return {
    ips: ['127.0.0.1', '::1', ...reachableAddresses(surroundings)],
    hosts: ['localhost', `${formatLabel(address)}.localhost`, ...(host == null ? [] : [host])]
  }
}

/** Folders at which anybody reads a site that is mirrored here: by TLS and without, at one address of each family, the public ones first. */
export function mirrorPlaces(
  site: FullAddress,
  addresses: readonly string[],
  { httpPort, httpsPort }: { readonly httpPort: number; readonly httpsPort: number }
): string[] {
  const publicFirst = addresses.toSorted(
    (a, b) => Number(isPrivateAddress(a)) - Number(isPrivateAddress(b))
  )
  const ofFamily = [4, 6].flatMap(
    family => publicFirst.find(address => isIP(address) === family) ?? []
  )

  return ofFamily.flatMap(address => [
    `${httpsUrl(address, httpsPort)}/${formatAddress(site)}/`,
    `${httpsUrl(address, httpPort).replace('https:', 'http:')}/${formatAddress(site)}/`
  ])
}

export function httpsUrl(host: string, port: number): string {
  return `https://${isIPv6(host) ? `[${host}]` : host}:${port}`
}

function expand(address: string, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string[] {
  if (address !== '0.0.0.0' && address !== '::') return [address]

  const family = address === '::' ? 6 : 4

  return Object.values(interfaces)
    .flatMap(infos => infos ?? [])
    .map(info => info.address)
    .filter(found => isIP(found) === family)
}

/** Neither loopback nor link-local: others cannot dial those. */
function isUseful(address: string): boolean {
  return !/^(127\.|169\.254\.|0\.0\.0\.0$|::1?$|fe[89ab])/i.test(address)
}

function isLoopbackMultiaddr(address: string): boolean {
  return address.startsWith('/ip4/127.') || address.startsWith('/ip6/::1/')
}

function tcpPortOf(multiaddrs: readonly string[]): string | undefined {
  return multiaddrs.map(address => /\/tcp\/(\d+)/.exec(address)?.[1]).find(port => port != null)
}
