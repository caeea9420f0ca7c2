/** Signed answers of mirrors, and what is made of them. No libp2p is behind it, but a gateway starts without it. */
export { blockTarget } from './block-target.ts'
export * from './errors.ts'
export {
  INCIDENT_LIFETIME,
  makeIncident,
  MAX_INCIDENT_BYTES,
  openIncident,
  type Incident
} from './incident/incident.ts'
export { documentTarget } from './document/document-target.ts'
export { lieText, type Lie } from './incident/lie.ts'
export type { LedgerEntry } from './ledger/entry.ts'
export type { MessageHead } from './message-signature/message.ts'
export { answerSignature, type AnswerSigner } from './signed-answer/answer-signer.ts'
export { contentDigest } from './signed-answer/content-digest.ts'
export { provableLie } from './signed-answer/provable-lie.ts'
export { receivedAnswer, type SignedAnswer } from './signed-answer/signed-answer.ts'
export { ACCEPT_SIGNATURE } from './signed-answer/terms.ts'
export { sha256Of } from '../content/block.ts'
export { siteTarget } from './site-target.ts'
export {
  encodeObservation,
  MAX_OBSERVATION_BYTES,
  readObservation,
  SEEN,
  type BlockSeen,
  type DocumentSeen,
  type Observation
} from './third/observation.ts'
export { MAX_AUDIT_REQUEST_BYTES, signAuditRequest } from './third/request.ts'
export { Auditor, type Asked, type Audit, type AuditedSite } from './auditor/service.ts'
export { Incidents } from './incidents/store.ts'
export { Ledger } from './ledger/store.ts'
export { MAX_DOCUMENT_BYTES, type DocumentAsked } from './policy/document.ts'
export { checkOffer } from './offer/service.ts'
export { OTHERS_SELDOMER } from './policy/gap.ts'
export { regardFor, type Regard } from './policy/regard.ts'
export type { Outcome, Standing, StandingState } from './policy/standing.ts'
export type { Third } from './policy/third-node.ts'
export type { Verdict } from './policy/verdict.ts'
export { LookingForOthers } from './third/service.ts'
