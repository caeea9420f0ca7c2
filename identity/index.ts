export type { AddressFingerprint, FullAddress, NodeAddress } from './address.ts'
export {
  addressFingerprint,
  formatAddress,
  formatLabel,
  keyHashOf,
  parseAddress,
  parseFullAddress,
  readFullAddress
} from './address.ts'
export type { Authority } from './authority.ts'
export { ed25519Signer, ed25519Spki } from './ed25519.ts'
export { asError, errorCode, errorMessage } from './error-message.ts'
export * from './errors.ts'
export type { Fingerprint } from './fingerprint.ts'
export { fingerprintOf, formatFingerprint, parseFingerprint } from './fingerprint.ts'
export type { Identity, TlsMaterial } from './identity.ts'
export { openSigned, signBody } from './signed.ts'
export type { NodeUuid } from './uuid.ts'
export { createUuid, parseUuid } from './uuid.ts'
export { readAuthorityCertificate } from './x509/authority-certificate.ts'
export type { CreateOptions } from './store.ts'
export { createIdentity, openIdentity, unlockAuthority } from './store.ts'
export { renewTls } from './tls/store.ts'
export { backupIdentity, restoreIdentity } from './backup/store.ts'
export { exportPkcs12 } from './pkcs12/run.ts'
