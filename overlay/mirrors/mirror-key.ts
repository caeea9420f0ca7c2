import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'
import { hash } from 'node:crypto'
import { formatAddress, type FullAddress } from '../../identity/index.ts'

const SHA2_256 = 0x12

/** The content key whose providers say that they mirror the site of `address`. */
export function mirrorKey(address: FullAddress): CID {
  const digest = hash('sha256', `plexnet/site/${formatAddress(address)}`, 'buffer')

  return CID.createV1(raw.code, createDigest(SHA2_256, digest))
}
