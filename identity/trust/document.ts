import { decode, encode } from '@ipld/dag-cbor'
import { InvalidTrustStatementError } from '../errors.ts'
import { MAX_STATEMENTS_OF_ONE } from './map.ts'

/** What a node serves of its trust: its authority certificate (DER), and its signed statements. */
export interface TrustDocument {
  readonly certificate: Uint8Array
  readonly statements: readonly Uint8Array[]
}

/** The largest document that is read, in bytes: 1,000 statements with signatures of RSA 4096. */
export const MAX_TRUST_DOCUMENT_BYTES = 1024 * 1024

export function encodeTrustDocument({ certificate, statements }: TrustDocument): Uint8Array {
  return encode({ certificate, statements })
}

/**
 * A document in its parts, none of them verified.
 *
 * @throws {InvalidTrustStatementError}
 */
export function readTrustDocument(bytes: Uint8Array): TrustDocument {
  if (bytes.length > MAX_TRUST_DOCUMENT_BYTES) throw malformed('it is too large')

  const value = decodeMap(bytes)
  const { certificate, statements } = value

  if (!(certificate instanceof Uint8Array)) throw malformed('its certificate is missing')
  if (!Array.isArray(statements) || statements.length > MAX_STATEMENTS_OF_ONE) {
    throw malformed('its list of statements is missing or too long')
  }

  return { certificate, statements: statements.filter(each => each instanceof Uint8Array) }
}

function decodeMap(bytes: Uint8Array): { certificate?: unknown; statements?: unknown } {
  try {
    const value: unknown = decode(bytes)

    return typeof value === 'object' && value != null ? value : {}
  } catch (cause) {
    throw malformed('it is not DAG-CBOR', cause)
  }
}

function malformed(reason: string, cause?: unknown): InvalidTrustStatementError {
  return new InvalidTrustStatementError('malformed', `of the document, ${reason}`, { cause })
}
