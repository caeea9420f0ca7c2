import type { CID } from 'multiformats/cid'
import type { VerifiedSite } from '../../overlay/content/site-record.ts'

/** A record as it comes over the wire: what its publisher did not sign is found out at once. */
export interface Received {
  readonly record: VerifiedSite
  readonly isSigned: boolean
}

export type Message =
  | { readonly kind: 'put'; readonly site: number; readonly received: Received }
  | { readonly kind: 'taken'; readonly site: number; readonly seq: number }
  | { readonly kind: 'get'; readonly site: number; readonly read: number }
  | { readonly kind: 'record'; readonly read: number; readonly received: Received | undefined }
  | { readonly kind: 'want'; readonly read: number; readonly site: number; readonly cid: CID }
  | {
      readonly kind: 'block'
      readonly read: number
      readonly cid: CID
      readonly bytes: Uint8Array | undefined
    }
