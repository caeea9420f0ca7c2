import { decode, encode } from '@ipld/dag-cbor'
import { SeedError } from './errors.ts'
import { openNodeRecord } from './node-record.ts'
import type { VerifiedRecord } from './record.ts'

/** The largest answer that is read from a seed, in bytes: its own record and a full sample. */
export const MAX_SEED_ANSWER_BYTES = 256 * 1024

/** How many live nodes a seed tells of. */
export const SEED_SAMPLE = 20

/** What a seed tells a newcomer: who it is, whom it knows, and what time it thinks it is (ms since the epoch). */
export interface SeedAnswer {
  readonly node: VerifiedRecord
  readonly sample: readonly VerifiedRecord[]
  readonly time: number
}

export function encodeSeedAnswer(
  node: Uint8Array,
  sample: readonly Uint8Array[],
  time: number
): Uint8Array {
  return encode({ node, sample: sample.slice(0, SEED_SAMPLE), time })
}

/**
 * Reads a seed's answer; records of the sample that do not verify are left out.
 *
 * @throws {SeedError} where the answer is no such answer or the seed's own record is not good
 */
export function decodeSeedAnswer(seed: string, bytes: Uint8Array): SeedAnswer {
  if (bytes.length > MAX_SEED_ANSWER_BYTES) {
    throw badAnswer(seed, `it has ${bytes.length} bytes, ${MAX_SEED_ANSWER_BYTES} are allowed`)
  }

  const { node, sample, time } = readMap(seed, bytes)

  if (!(node instanceof Uint8Array) || !Array.isArray(sample) || typeof time !== 'number') {
    throw badAnswer(seed, 'its fields are not those of a seed')
  }

  try {
    return {
      node: openNodeRecord(node),
      sample: sample.slice(0, SEED_SAMPLE).flatMap(recordOrNothing),
      time
    }
  } catch (error) {
    throw badAnswer(seed, error instanceof Error ? error.message : String(error), error)
  }
}

function readMap(seed: string, bytes: Uint8Array): Record<string, unknown> {
  try {
    return { ...decode<Record<string, unknown>>(bytes) }
  } catch (error) {
    throw badAnswer(seed, 'it is not DAG-CBOR', error)
  }
}

function recordOrNothing(bytes: unknown): VerifiedRecord[] {
  if (!(bytes instanceof Uint8Array)) return []

  try {
    return [openNodeRecord(bytes)]
  } catch {
    return []
  }
}

function badAnswer(seed: string, reason: string, cause?: unknown): SeedError {
  return new SeedError(
    seed,
    'bad-answer',
    `What ${seed} answers is not a seed's answer: ${reason}. Is a Plexnet node running there?`,
    { cause }
  )
}
