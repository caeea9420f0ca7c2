import { decode, encode } from '@ipld/dag-cbor'
import { MAX_CLAIMS } from './claims.ts'
import { RecordError } from './errors.ts'
import { MAX_NODE_RECORD_BYTES } from './node-record.ts'

/** The largest answer that is read from a friend, in bytes: as many claims as count, each at its bound. */
export const MAX_CLAIMS_ANSWER_BYTES = MAX_CLAIMS * (MAX_NODE_RECORD_BYTES + 16) + 64

/** What a node tells of a UUID: the signed records under it that it knows. */
export function encodeClaimsAnswer(records: readonly Uint8Array[]): Uint8Array {
  return encode({ records: records.slice(0, MAX_CLAIMS) })
}

/**
 * The records in an answer, not yet verified.
 *
 * @throws {RecordError}
 */
export function readClaimsAnswer(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length > MAX_CLAIMS_ANSWER_BYTES) throw malformed('it is too large')

  try {
    const answer: unknown = decode(bytes)

    if (typeof answer === 'object' && answer != null && 'records' in answer) {
      const { records } = answer

      if (Array.isArray(records)) {
        return records.slice(0, MAX_CLAIMS).filter(each => each instanceof Uint8Array)
      }
    }
  } catch (cause) {
    throw malformed('it is not DAG-CBOR', cause)
  }
  throw malformed('it has no list of records')
}

function malformed(reason: string, cause?: unknown): RecordError {
  return new RecordError('malformed', `A list of claims was refused: ${reason}.`, { cause })
}
