/** Who mirrors the site of this node, by agreement. Light: a gateway loads it at its start. */
export type { Agreement, ListedMirror, Offer, RefusalReason, Standing } from './agreement.ts'
export * from './bounds.ts'
export * from './errors.ts'
export { AgreementList, type Drop, type NamedServer } from './list.ts'
export { AgreementFile } from './file/store.ts'
export {
  MAX_MIRROR_RECORD_BYTES,
  openMirrorRecord,
  signMirrorRecord,
  type MirrorRecord,
  type VerifiedMirror
} from './mirror-record.ts'
export { nextOffer, type OfferOutcome } from './next-offer.ts'
export { isMirrorUri } from './mirror-uri.ts'
export { mirroredUri } from './mirrored-uri.ts'
export { hostOf } from './subnet.ts'
