export { encodeTrustDocument, MAX_TRUST_DOCUMENT_BYTES, readTrustDocument } from './document.ts'
export { TrustMap, type Admission, type Vouch } from './map.ts'
export {
  checkStatementTimes,
  MAX_TRUST_LIFETIME,
  openTrustStatement,
  signTrustStatement,
  statementKey,
  TRUST_DOMAINS,
  type TrustDomain,
  type TrustLevel,
  type TrustStatement
} from './statement.ts'
