import type { VerifiedRecord } from '../../discovery/record.ts'
import type { FullAddress } from '../../identity/address.ts'

/** The record of a node of which only the address matters; it never expires. */
export function recordOf(address: FullAddress): VerifiedRecord {
  const nothing = new Uint8Array()

  return {
    uuid: address.uuid,
    address,
    certificate: nothing,
    libp2pKey: nothing,
    keyHash: nothing,
    bytes: nothing,
    multiaddrs: [],
    endpoints: [],
    capabilities: [],
    seq: 1,
    issued: 0,
    expires: Number.MAX_SAFE_INTEGER
  }
}
