import { decode, encode } from '@ipld/dag-cbor'
import { equals } from 'uint8arrays'
import {
  CLOCK_TOLERANCE,
  heldAt,
  MAX_NODE_RECORD_BYTES,
  openNodeRecord,
  type VerifiedRecord
} from '../../../discovery/index.ts'
import { errorMessage, formatAddress, type FullAddress } from '../../../identity/index.ts'
import { InvalidIncidentError } from '../errors.ts'
import {
  readAnswer,
  type AnswerStatement,
  type SignedAnswer
} from '../signed-answer/signed-answer.ts'
import { lieOf, type Lie } from './lie.ts'

/** What one signed answer takes at most beside its node's record, in bytes; ours have about 700. */
const MAX_ANSWER_BYTES = 1536

/** Answers that together show one lie. */
const MAX_ANSWERS = 2

/**
 * What goes with the answers at most, in bytes: a site record at its bound, or the folders above a document, of some hundred names together.
 * A lie below larger folders drops the mirror where it is seen, and goes no further.
 */
export const MAX_EVIDENCE_BYTES = 16 * 1024

/** Blocks of a tree that show one document; deeper ones prove nothing. */
const MAX_EVIDENCE = 16

/** The largest incident, in bytes: it goes round as an announcement. */
export const MAX_INCIDENT_BYTES =
  MAX_NODE_RECORD_BYTES + MAX_ANSWERS * MAX_ANSWER_BYTES + MAX_EVIDENCE_BYTES + 192

/** How long a lie is held against its signer, in ms, from when it was signed. */
export const INCIDENT_LIFETIME = 30 * 24 * 60 * 60 * 1000

/**
 * A node's own signatures that show a lie of it. Whoever has these bytes can check them without asking anybody, and nobody
 * else can make them.
 */
export interface Incident {
  readonly liar: FullAddress
  readonly lie: Lie
  /** When the last of the answers was signed, by the liar's clock; ms since the epoch. */
  readonly signed: number
  readonly node: VerifiedRecord
  readonly bytes: Uint8Array
}

/** `node` is the signed record of the liar, `evidence` what `lieOf` needs beside its answers. @throws {InvalidIncidentError} where they show no lie */
export function makeIncident(
  node: Uint8Array,
  answers: readonly SignedAnswer[],
  now: number,
  evidence: readonly Uint8Array[] = []
): Incident {
  const rows = answers.map(({ input, values, signature }) => [input, [...values], signature])

  return openIncident(encode([node, rows, ...(evidence.length > 0 ? [[...evidence]] : [])]), now)
}

/**
 * The lie in `bytes`, every signature checked; `now` is ms since the epoch.
 *
 * @throws {InvalidIncidentError}
 */
export function openIncident(bytes: Uint8Array, now: number): Incident {
  if (bytes.length > MAX_INCIDENT_BYTES) {
    throw new InvalidIncidentError(
      'too-large',
      `An incident of ${bytes.length} bytes was refused; ${MAX_INCIDENT_BYTES} are allowed.`
    )
  }

  const { node: nodeBytes, answers, evidence } = readParts(bytes)
  const node = openNode(nodeBytes)
  const statements = answers.map(answer => statementOf(answer, node))
  const lie = lieOf(statements, evidence)
  const signed = Math.max(...statements.map(({ created }) => created))

  if (lie == null) {
    throw new InvalidIncidentError('no-lie', 'What the node signed agrees with what it was asked.')
  }
  checkTime(signed, now)

  return { liar: node.address, lie, signed, node, bytes }
}

interface Parts {
  readonly node: Uint8Array
  readonly answers: readonly SignedAnswer[]
  readonly evidence: readonly Uint8Array[]
}

function readParts(bytes: Uint8Array): Parts {
  let value: unknown

  try {
    value = decode(bytes)
  } catch (cause) {
    throw malformed({ cause })
  }

  const [node, rows, evidence, ...others]: unknown[] = Array.isArray(value) ? value : []

  if (!(node instanceof Uint8Array) || !Array.isArray(rows) || others.length > 0) throw malformed()
  if (rows.length === 0 || rows.length > MAX_ANSWERS) throw malformed()
  // The same proof in another spelling would go round as another one.
  if (!equals(encode(value), bytes)) throw malformed()

  return { node, answers: rows.map(readRow), evidence: readEvidence(evidence) }
}

function readEvidence(value: unknown): Uint8Array[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_EVIDENCE) throw malformed()
  if (!value.every(one => one instanceof Uint8Array)) throw malformed()

  return value
}

function readRow(row: unknown): SignedAnswer {
  const [input, values, signature, ...others]: unknown[] = Array.isArray(row) ? row : []

  if (
    typeof input !== 'string' ||
    !Array.isArray(values) ||
    !values.every(value => typeof value === 'string') ||
    !(signature instanceof Uint8Array) ||
    others.length > 0
  ) {
    throw malformed()
  }

  return { input, values, signature }
}

function openNode(bytes: Uint8Array): VerifiedRecord {
  try {
    return openNodeRecord(bytes)
  } catch (cause) {
    throw new InvalidIncidentError(
      'bad-node-record',
      `The node record in an incident cannot be used: ${errorMessage(cause)}`,
      { cause }
    )
  }
}

function statementOf(answer: SignedAnswer, node: VerifiedRecord): AnswerStatement {
  const statement = readAnswer(answer)

  if (statement == null) throw malformed()
  if (formatAddress(statement.signer) !== formatAddress(node.address)) {
    throw new InvalidIncidentError('wrong-node', 'An incident carries the record of another node.')
  }
  if (!statement.isSignedBy(node.libp2pKey)) {
    throw new InvalidIncidentError(
      'bad-signature',
      'An answer in an incident is not signed by the key that its node record names.'
    )
  }
  // As for site records: the key was the node's when it signed.
  if (!heldAt(node, statement.created)) {
    throw new InvalidIncidentError(
      'outside-node-record',
      'An answer in an incident was signed while the node record was not valid.'
    )
  }

  return statement
}

function checkTime(signed: number, now: number): void {
  if (signed > now + CLOCK_TOLERANCE) {
    throw new InvalidIncidentError(
      'from-the-future',
      'An incident was signed in the future by the clock of this machine.'
    )
  }
  if (signed < now - INCIDENT_LIFETIME) {
    throw new InvalidIncidentError('expired', 'An incident is too old to be held against anybody.')
  }
}

function malformed(options?: ErrorOptions): InvalidIncidentError {
  return new InvalidIncidentError(
    'malformed',
    'An incident is not of the form that it should have.',
    options
  )
}
