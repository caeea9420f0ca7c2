export { type TrustDomain, type TrustLevel } from './domain.ts'
export { encodeTrustDocument, MAX_TRUST_DOCUMENT_BYTES, readTrustDocument } from './document.ts'
export { TrustMap, type Admission, type Vouch } from './map.ts'
export {
  checkStatementTimes,
  openTrustStatement,
  signTrustStatement,
  statementKey,
  type TrustStatement
} from './statement.ts'
