import { decode, encode } from '@ipld/dag-cbor'
import { openNameHead } from '../../discovery/index.ts'
import {
  addressFingerprint,
  errorMessage,
  formatAddress,
  readAuthorityCertificate,
  type FullAddress
} from '../../identity/index.ts'
import {
  checkStatementTimes,
  openTrustStatement,
  readTrustDocument,
  statementKey
} from '../../identity/trust/index.ts'
import { MAX_MIRROR_RECORD_BYTES, openMirrorRecord } from '../agreements/mirror-record.ts'
import { MAX_INCIDENT_BYTES, openIncident } from '../audit/incident/incident.ts'
import { MAX_SITE_RECORD_BYTES, openSiteRecord } from '../content/index.ts'
import { InvalidAnnouncementError } from './errors.ts'

/** What is announced: a site has a new version; somebody trusts somebody, or no longer; a node was shown to have lied; a node mirrors a site, or no longer; names that a node publishes have changed. */
export const ANNOUNCEMENT_KINDS = ['site', 'trust', 'incident', 'mirror', 'name'] as const

export type AnnouncementKind = (typeof ANNOUNCEMENT_KINDS)[number]

/** News that prove themselves: each carries what its origin signed, and nothing else. */
export interface Announcement {
  readonly kind: AnnouncementKind
  /** Who signed what it says: of an incident, the liar itself. */
  readonly origin: FullAddress
  /** What newer news of the same kind replace. */
  readonly subject: string
  /** Higher replaces lower. */
  readonly seq: number
  readonly payload: Uint8Array
}

/** The largest announcement, in bytes: a site or mirror record or an incident, and what goes round it. */
export const MAX_ANNOUNCEMENT_BYTES =
  Math.max(MAX_SITE_RECORD_BYTES, MAX_MIRROR_RECORD_BYTES, MAX_INCIDENT_BYTES) + 64

/** A site record (`openSiteRecord`), a trust document with one statement, or an incident (`openIncident`). */
export function encodeAnnouncement(kind: AnnouncementKind, payload: Uint8Array): Uint8Array {
  const bytes = encode([kind, payload])

  if (bytes.length > MAX_ANNOUNCEMENT_BYTES) {
    throw new InvalidAnnouncementError(`${bytes.length} bytes are too many`)
  }

  return bytes
}

/**
 * The news in `bytes`, every signature checked.
 *
 * @throws {InvalidAnnouncementError}
 */
export function openAnnouncement(bytes: Uint8Array, now: number): Announcement {
  if (bytes.length > MAX_ANNOUNCEMENT_BYTES) throw new InvalidAnnouncementError('it is too large')

  try {
    const [kind, payload] = readPair(decode(bytes))

    return OPENERS[kind](payload, now)
  } catch (error) {
    if (error instanceof InvalidAnnouncementError) throw error
    throw new InvalidAnnouncementError(errorMessage(error), { cause: error })
  }
}

const OPENERS: Record<AnnouncementKind, (payload: Uint8Array, now: number) => Announcement> = {
  site: openSite,
  trust: openTrust,
  incident: openLie,
  mirror: openMirror,
  name: openName
}

function readPair(value: unknown): [AnnouncementKind, Uint8Array] {
  const [kind, payload]: unknown[] = Array.isArray(value) && value.length === 2 ? value : []
  const known = ANNOUNCEMENT_KINDS.find(each => each === kind)

  if (known == null || !(payload instanceof Uint8Array)) {
    throw new InvalidAnnouncementError('it is of no kind that is known here')
  }

  return [known, payload]
}

function openSite(payload: Uint8Array, now: number): Announcement {
  const { address, seq } = openSiteRecord(payload, { now })

  return { kind: 'site', origin: address, subject: `site ${formatAddress(address)}`, seq, payload }
}

/** The liar signed it, and nobody else could: its own budget is charged, and no other's. */
function openLie(payload: Uint8Array, now: number): Announcement {
  const { liar, signed } = openIncident(payload, now)

  return {
    kind: 'incident',
    origin: liar,
    subject: `incident ${formatAddress(liar)}`,
    seq: signed,
    payload
  }
}

/** Whether it is so is asked of the mirror itself, by those who mean to use it. */
function openMirror(payload: Uint8Array, now: number): Announcement {
  const { address, site, seq } = openMirrorRecord(payload, now)
  const subject = `mirror ${formatAddress(address)} ${formatAddress(site)}`

  return { kind: 'mirror', origin: address, subject, seq, payload }
}

/** Which names they are is asked of whoever published them, by those who read them. */
function openName(payload: Uint8Array, now: number): Announcement {
  const { address, seq } = openNameHead(payload, now)

  return { kind: 'name', origin: address, subject: `name ${formatAddress(address)}`, seq, payload }
}

function openTrust(payload: Uint8Array, now: number): Announcement {
  const { certificate, statements } = readTrustDocument(payload)
  const [bytes, ...others] = statements

  if (bytes == null || others.length > 0) {
    throw new InvalidAnnouncementError('one statement is announced at a time')
  }

  const statement = openTrustStatement(bytes, certificate)
  const { uuid, keyHash } = readAuthorityCertificate(certificate)

  checkStatementTimes(statement, now)

  return {
    kind: 'trust',
    origin: { uuid, fp: addressFingerprint(keyHash) },
    subject: `trust ${statementKey(statement)}`,
    seq: statement.seq,
    payload
  }
}
