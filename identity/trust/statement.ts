import { addressFingerprint, formatAddress, readFullAddress, type FullAddress } from '../address.ts'
import { MAX_TRUST_LIFETIME, TRUST_DOMAINS, type TrustDomain, type TrustLevel } from './domain.ts'
import { InvalidTrustStatementError } from '../errors.ts'
import { openSigned, signBody } from '../signed.ts'
import { readAuthorityCertificate } from '../x509/authority-certificate.ts'

/** What one node says of another. */
export interface TrustStatement {
  readonly issuer: FullAddress
  readonly subject: FullAddress
  readonly domain: TrustDomain
  readonly level: TrustLevel
  /** The newer statement of one issuer on one subject and domain has the higher. */
  readonly seq: number
  /** ms since 1970, as `expires`. */
  readonly issued: number
  readonly expires: number
}

/** The largest statement that is read, in bytes: an RSA 8192 signature and a body of 300. */
export const MAX_TRUST_STATEMENT_BYTES = 1536

/** How far ahead of this clock a statement may have been issued, in ms: a clock wrong by a day is a fault, not an attack. */
const CLOCK_TOLERANCE = 25 * 60 * 60 * 1000

export function signTrustStatement(
  statement: TrustStatement,
  sign: (message: Uint8Array) => Uint8Array
): Uint8Array {
  const { issuer, subject } = statement
  const body = { ...statement, issuer: formatAddress(issuer), subject: formatAddress(subject) }

  return signBody('trust', body, sign)
}

/**
 * The statement in `bytes`, signed by the authority of `certificate` (DER).
 *
 * @throws {InvalidTrustStatementError | InvalidCertificateError}
 */
export function openTrustStatement(bytes: Uint8Array, certificate: Uint8Array): TrustStatement {
  const signed = readSigned(bytes)
  const statement = readBody(signed.body)
  const authority = readAuthorityCertificate(certificate)
  const isIssuer =
    authority.uuid === statement.issuer.uuid &&
    addressFingerprint(authority.keyHash) === statement.issuer.fp

  if (!isIssuer) throw new InvalidTrustStatementError('issuer', 'another node’s key came with it')
  if (!signed.verify(authority.spki)) {
    throw new InvalidTrustStatementError('signature', 'its issuer did not sign it')
  }

  return statement
}

/** @throws {InvalidTrustStatementError} where it has expired or comes from the future */
export function checkStatementTimes({ issued, expires }: TrustStatement, now: number): void {
  if (expires <= now) throw new InvalidTrustStatementError('expired', 'it has expired')
  if (issued > now + CLOCK_TOLERANCE) {
    throw new InvalidTrustStatementError('future', 'it was issued more than a day in the future')
  }
}

/** What can be stated anew: the newest statement with the same key counts. */
export function statementKey({
  issuer,
  subject,
  domain
}: Pick<TrustStatement, 'issuer' | 'subject' | 'domain'>): string {
  return `${formatAddress(issuer)}/${formatAddress(subject)}/${domain}`
}

function readSigned(bytes: Uint8Array): ReturnType<typeof openSigned> {
  try {
    return openSigned('trust', bytes, MAX_TRUST_STATEMENT_BYTES)
  } catch (cause) {
    throw new InvalidTrustStatementError('malformed', 'it is not a signed statement', { cause })
  }
}

function readBody(body: unknown): TrustStatement {
  if (typeof body !== 'object' || body == null) throw malformed('body')

  const fields = new Map<string, unknown>(Object.entries(body))
  const statement = {
    issuer: addressOf(fields, 'issuer'),
    subject: addressOf(fields, 'subject'),
    domain: domainOf(fields.get('domain')),
    level: levelOf(fields.get('level')),
    seq: integerOf(fields, 'seq'),
    issued: integerOf(fields, 'issued'),
    expires: integerOf(fields, 'expires')
  }

  if (fields.size !== Object.keys(statement).length) throw malformed('body')
  if (statement.expires <= statement.issued) throw malformed('expires')
  if (statement.expires - statement.issued > MAX_TRUST_LIFETIME) throw malformed('expires')
  if (isSame(statement.issuer, statement.subject)) {
    throw new InvalidTrustStatementError('self', 'nobody can vouch for itself')
  }

  return statement
}

function addressOf(fields: Map<string, unknown>, key: string): FullAddress {
  const text = fields.get(key)
  const address = typeof text === 'string' ? readFullAddress(text) : undefined

  // One address has one spelling, or the same statement could stand under several.
  if (address == null || formatAddress(address) !== text) throw malformed(key)

  return address
}

function isSame(a: FullAddress, b: FullAddress): boolean {
  return a.uuid === b.uuid && a.fp === b.fp
}

function integerOf(fields: Map<string, unknown>, key: string): number {
  const value = fields.get(key)

  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed(key)

  return value
}

function domainOf(value: unknown): TrustDomain {
  const domain = TRUST_DOMAINS.find(known => known === value)

  if (domain == null) throw malformed('domain')

  return domain
}

function levelOf(value: unknown): TrustLevel {
  if (value !== 0 && value !== 1 && value !== 2 && value !== 3) throw malformed('level')

  return value
}

function malformed(key: string): InvalidTrustStatementError {
  return new InvalidTrustStatementError('malformed', `its "${key}" is missing or out of bounds`)
}
