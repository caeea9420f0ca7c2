/** Text that is not a UUID in its 36-byte form. */
export class InvalidUuidError extends Error {
  override readonly name = 'InvalidUuidError'
  readonly code = 'PLEXNET_INVALID_UUID'
  readonly text: string

  constructor(text: string) {
    super(
      `${quote(text)} is not a UUID: write 32 hexadecimal digits as 6409808a-3548-11db-f2fd-0016cb90e4dc`
    )
    this.text = text
  }
}

/** Text that is not a certificate fingerprint. */
export class InvalidFingerprintError extends Error {
  override readonly name = 'InvalidFingerprintError'
  readonly code = 'PLEXNET_INVALID_FINGERPRINT'
  readonly text: string

  constructor(text: string) {
    super(
      `${quote(text)} is not a fingerprint: write "SHA256:" and 64 hexadecimal digits, or "SHA1:" and 40`
    )
    this.text = text
  }
}

/** Text that is not the address of a node. */
export class InvalidAddressError extends Error {
  override readonly name = 'InvalidAddressError'
  readonly code = 'PLEXNET_INVALID_ADDRESS'
  readonly text: string

  constructor(text: string) {
    super(
      `${quote(text)} is not a node address: write <uuid>, or <uuid>.<fp> where fp has 26 letters and digits`
    )
    this.text = text
  }
}

/** A host name or IP address that a certificate cannot carry. */
export class InvalidCertificateNameError extends Error {
  override readonly name = 'InvalidCertificateNameError'
  readonly code = 'PLEXNET_INVALID_CERTIFICATE_NAME'
  readonly text: string

  constructor(text: string) {
    super(
      `${quote(text)} cannot stand in a certificate: give an IP address, or a host name in ASCII (xn-- form)`
    )
    this.text = text
  }
}

/** A certificate that is not that of a node's authority. */
export class InvalidCertificateError extends Error {
  override readonly name = 'InvalidCertificateError'
  readonly code = 'PLEXNET_INVALID_CERTIFICATE'
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(`The certificate is refused: ${reason}`, options)
    this.reason = reason
  }
}

/** Bytes that are not a signed statement of the kind asked for. */
export class InvalidSignedError extends Error {
  override readonly name = 'InvalidSignedError'
  readonly code = 'PLEXNET_INVALID_SIGNED'
  readonly kind: string
  readonly reason: string

  constructor(kind: string, reason: string, options?: ErrorOptions) {
    super(`The signed ${kind} statement is refused: ${reason}`, options)
    this.kind = kind
    this.reason = reason
  }
}

/** Text that is no name for a node. */
export class InvalidNameError extends Error {
  override readonly name = 'InvalidNameError'
  readonly code = 'PLEXNET_INVALID_NAME'
  readonly text: string
  readonly reason: string

  constructor(text: string, reason: string, options?: ErrorOptions) {
    super(`${quote(text)} is no name: ${reason}`, options)
    this.text = text
    this.reason = reason
  }
}

/** What is wrong with a trust statement. */
export type TrustStatementFault =
  | 'malformed'
  | 'issuer'
  | 'signature'
  | 'self'
  | 'expired'
  | 'future'

/** A trust statement that is not believed; it changes nothing. */
export class InvalidTrustStatementError extends Error {
  override readonly name = 'InvalidTrustStatementError'
  readonly code = 'PLEXNET_INVALID_TRUST_STATEMENT'
  readonly fault: TrustStatementFault

  constructor(fault: TrustStatementFault, reason: string, options?: ErrorOptions) {
    super(`The trust statement is refused: ${reason}`, options)
    this.fault = fault
  }
}

/** The place for a new identity is taken. */
export class IdentityExistsError extends Error {
  override readonly name = 'IdentityExistsError'
  readonly code = 'PLEXNET_IDENTITY_EXISTS'
  readonly directory: string

  constructor(directory: string) {
    super(
      `${directory} already holds files and nothing was changed: use the identity that is there, or move the directory away first`
    )
    this.directory = directory
  }
}

/** There is no identity at this place yet. */
export class IdentityMissingError extends Error {
  override readonly name = 'IdentityMissingError'
  readonly code = 'PLEXNET_IDENTITY_MISSING'
  readonly directory: string

  constructor(directory: string) {
    super(
      `${directory} holds no identity: make one with "plexnet init", or restore one from a backup`
    )
    this.directory = directory
  }
}

/** A file of the identity cannot be used; it is left as it is. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError'
  readonly code = 'PLEXNET_KEY_FILE'
  readonly file: string
  readonly problem: string

  constructor(file: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`${file} ${problem}. The file was left as it is. ${remedy}`, options)
    this.file = file
    this.problem = problem
  }
}

/** The passphrase does not open what it was given for. */
export class WrongPassphraseError extends Error {
  override readonly name = 'WrongPassphraseError'
  readonly code = 'PLEXNET_WRONG_PASSPHRASE'
  readonly subject: string

  constructor(subject: string) {
    super(
      `The passphrase does not open ${subject}: try again, and check the keyboard and Caps Lock`
    )
    this.subject = subject
  }
}

/** A passphrase of no characters protects nothing. */
export class EmptyPassphraseError extends Error {
  override readonly name = 'EmptyPassphraseError'
  readonly code = 'PLEXNET_EMPTY_PASSPHRASE'

  constructor() {
    super(
      'The passphrase is empty, and the private key must be protected by one: give a passphrase'
    )
  }
}

/** A backup file that cannot be restored, whatever the passphrase. */
export class DamagedBackupError extends Error {
  override readonly name = 'DamagedBackupError'
  readonly code = 'PLEXNET_DAMAGED_BACKUP'
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(
      `The backup cannot be restored: ${reason}. Nothing was written; use another copy`,
      options
    )
    this.reason = reason
  }
}

const MAX_QUOTED_LENGTH = 100

/** Quoted, so that control characters from a stranger reach neither log nor terminal. */
function quote(text: string): string {
  return JSON.stringify(
    text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text
  )
}
