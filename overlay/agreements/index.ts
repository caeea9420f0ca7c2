/** Who mirrors the site of this node, by agreement. Light: a gateway loads it at its start. */
export type {
  Agreement,
  AgreementState,
  CheckVerdict,
  ListedMirror,
  Offer,
  OfferVerdict,
  RefusalReason,
  Standing
} from './agreement.ts'
export * from './bounds.ts'
export { AgreementList, type Drop, type NamedServer } from './list.ts'
export { AgreementFile } from './file/store.ts'
export { mirroredUri } from './mirrored-uri.ts'
export { hostOf, subnetOf } from './subnet.ts'
