import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { hash } from 'node:crypto'
import {
  ed25519Signer,
  openSiteRecord,
  signSiteRecord,
  type SiteRecord,
  type VerifiedSite
} from '../../overlay/content/index.ts'
import type { Person } from './identities.ts'
import { recordOf } from './records.ts'

const HOUR = 3_600_000

/** The CID that a dag-pb block of this text would have. */
export function rootOf(text: string): CID {
  return CID.createV1(0x70, createDigest(0x12, new Uint8Array(hash('sha256', text, 'buffer'))))
}

/** A site of `root`, issued now and good for an hour, with `changes`. */
export function siteBodyOf(
  { identity }: Person,
  root: CID,
  changes: Partial<SiteRecord> = {}
): SiteRecord {
  const now = Date.now()

  return { uuid: identity.uuid, seq: now, root, issued: now, expires: now + HOUR, ...changes }
}

/** A site record that is signed as it should be, by the libp2p key of the person's node record. */
export function siteOf(
  person: Person,
  root: CID,
  changes: Partial<SiteRecord> = {},
  node: Uint8Array = recordOf(person).bytes
): VerifiedSite {
  const body = siteBodyOf(person, root, changes)
  const bytes = signSiteRecord(body, node, ed25519Signer(person.identity.libp2pKey.seed))

  return openSiteRecord(bytes, { now: body.issued })
}
