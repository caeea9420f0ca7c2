import type { NetworkInterfaceInfo } from 'node:os'

/**
 * The hardware address to make a UUID from, six bytes: the first of a real interface, one given by a manufacturer before one that
 * software made up (bridges, containers).
 */
export function chooseMac(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>
): Uint8Array | undefined {
  const candidates = Object.values(interfaces)
    .flatMap(addresses => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ mac }) => Uint8Array.from(mac.split(':'), part => Number.parseInt(part, 16)))
    .filter(mac => mac.byteLength === 6 && mac.some(byte => byte !== 0))

  return candidates.find(isUniversal) ?? candidates[0]
}

/** IEEE 802-2014 section 8.2: the bit that says "locally administered". */
function isUniversal(mac: Uint8Array): boolean {
  return ((mac[0] ?? 0) & 0x02) === 0
}
