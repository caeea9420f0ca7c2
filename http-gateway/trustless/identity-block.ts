import type { CID } from 'multiformats/cid'

const IDENTITY = 0

/** The block that stands in its CID itself; `bafkqaaa`, the empty one, is what clients probe a gateway with. */
export function identityBlock({ multihash }: CID): Uint8Array | undefined {
  return multihash.code === IDENTITY ? multihash.digest : undefined
}
