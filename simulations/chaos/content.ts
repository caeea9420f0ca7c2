import { hash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { RAW } from '../../overlay/content/block.ts'
import type { VerifiedSite } from '../../overlay/content/site-record.ts'
import type { FullAddress } from '../../identity/address.ts'
import { recordOf } from '../population/records.ts'

const SHA_256 = 0x12
const DIGEST_BYTES = 32

/** Leaves of a version, and one in so many of them that a new version changes. */
const LEAVES = 6
const CHANGED = 3

/** How long a record is valid, in ms: longer than any clock here goes wrong. */
const LIFETIME = 48 * 60 * 60 * 1000

/** A version of a site: its root names its leaves. */
export interface Version {
  readonly record: VerifiedSite
  /** By CID, root and leaves. */
  readonly blocks: ReadonlyMap<string, Uint8Array>
}

/** Version `seq` of a site, made when the clock of its publisher shows `now`, in ms. */
export function makeVersion(site: number, address: FullAddress, seq: number, now: number): Version {
  const leaves = Array.from({ length: LEAVES }, (_, index) => {
    const changed = index % CHANGED === 0 ? seq : 0

    return new TextEncoder().encode(`site ${site}, leaf ${index}, changed by version ${changed}`)
  })
  const named = leaves.map(bytes => ({ cid: cidOf(bytes), bytes }))
  const root = Buffer.concat(named.map(({ cid }) => cid.multihash.digest))
  const rootCid = cidOf(root)

  return {
    record: {
      uuid: address.uuid,
      address,
      seq,
      root: rootCid,
      issued: now,
      expires: now + LIFETIME,
      node: recordOf(address),
      bytes: new Uint8Array()
    },
    blocks: new Map<string, Uint8Array>([
      [rootCid.toString(), root],
      ...named.map(({ cid, bytes }) => [cid.toString(), bytes] as const)
    ])
  }
}

/** The leaves that a root names. */
export function leavesOf(root: Uint8Array): CID[] {
  return Array.from({ length: Math.floor(root.length / DIGEST_BYTES) }, (_, index) =>
    cidOfDigest(root.slice(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES))
  )
}

function cidOf(bytes: Uint8Array): CID {
  return cidOfDigest(hash('sha256', bytes, 'buffer'))
}

function cidOfDigest(digest: Uint8Array): CID {
  return CID.createV1(RAW, create(SHA_256, digest))
}
