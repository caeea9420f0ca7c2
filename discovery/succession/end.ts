import { formatAddress, type FullAddress, type NodeUuid } from '../../identity/index.ts'
import { encodeNodeRecord } from '../node-record.ts'
import type { NodeRecord, VerifiedRecord } from '../record.ts'
import { REVOKED_SEQ, SUCCEEDED_SEQ, type End } from './fields.ts'

/** A last word counts so long, in ms: longer than anybody remembers the key. */
const END_LIFETIME = 20 * 365 * 24 * 60 * 60 * 1000

/** Whose key ends. */
export interface EndingNode {
  readonly uuid: NodeUuid
  /** The authority certificate, DER. */
  readonly certificate: Uint8Array
  readonly libp2pKey: { readonly publicKey: Uint8Array }
}

/**
 * The last record of a node, which nothing that its key signs replaces: it names a successor, or revokes the key. A revocation replaces a successor, too,
 * since whoever stole the key can name one.
 */
export function encodeEnd(
  { uuid, certificate, libp2pKey }: EndingNode,
  end: End,
  { sign, now }: { readonly sign: (message: Uint8Array) => Uint8Array; readonly now: number }
): Uint8Array {
  const record: NodeRecord = {
    uuid,
    certificate,
    libp2pKey: libp2pKey.publicKey,
    multiaddrs: [],
    endpoints: [],
    seq: end.kind === 'revoked' ? REVOKED_SEQ : SUCCEEDED_SEQ,
    issued: now,
    expires: now + END_LIFETIME,
    capabilities: [],
    end
  }

  return encodeNodeRecord(record, sign)
}

/** Whether a node says that it took the place of another: without that, anybody could be named. */
export function confirms({ predecessors = [] }: VerifiedRecord, before: FullAddress): boolean {
  const wanted = formatAddress(before)

  return predecessors.some(address => formatAddress(address) === wanted)
}

const TYPE = 'PLEXNET LAST RECORD'

/** A last record to print, and to be typed again where it must be. */
export function formatEnd(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString('base64').replace(/.{64}/g, '$&\n').trimEnd()

  return `-----BEGIN ${TYPE}-----\n${lines}\n-----END ${TYPE}-----\n`
}

/** The bytes of a printed last record; undefined where `text` is none. */
export function parseEnd(text: string): Uint8Array | undefined {
  const [, base64] =
    new RegExp(`-----BEGIN ${TYPE}-----([\\sA-Za-z0-9+/=]+)-----END ${TYPE}-----`).exec(text) ?? []

  return base64 == null ? undefined : new Uint8Array(Buffer.from(base64, 'base64'))
}
