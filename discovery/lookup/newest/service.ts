import type { FullAddress } from '../../../identity/index.ts'
import { RecordError } from '../../errors.ts'
import type { RecordNetwork } from '../../network.ts'
import type { VerifiedRecord } from '../../record.ts'
import { nodeRecordKey, openRecordAt } from '../../record-key.ts'
import { areRivals } from '../../succession/rival.ts'

/** How long other records are waited for after the first, in ms, to compare them. */
const COMPARISON_TIME = 2000

export interface Found {
  readonly newest: VerifiedRecord | undefined
  /** A last record of the key that names another successor than `newest` does. */
  readonly rival: VerifiedRecord | undefined
  /** How many records were good. */
  readonly valid: number
  /** What was wrong with the last that was not. */
  readonly fault: string
}

/** What a connected peer near the key holds, if it is good: the common case, at a ninth of a walk's price. */
export async function recordNearby(
  network: RecordNetwork,
  address: FullAddress,
  signal: AbortSignal
): Promise<VerifiedRecord | undefined> {
  const key = nodeRecordKey(address.uuid, address.fp)
  const value = await network.nearby(key, { signal })
  const read = value == null ? undefined : open(key, value)

  return typeof read === 'string' ? undefined : read
}

/** Last records of one key that are compared: there may be two. */
const ENOUGH_LAST = 5

/** The newest of the first `enough` valid records: one peer with a stale or forged one decides nothing. */
export async function newestInDht(
  network: RecordNetwork,
  address: FullAddress,
  enough: number,
  signal: AbortSignal
): Promise<Found> {
  const key = nodeRecordKey(address.uuid, address.fp)
  const compared = new AbortController()
  const options = { signal: AbortSignal.any([signal, compared.signal]) }
  let timer: NodeJS.Timeout | undefined
  let newest: VerifiedRecord | undefined
  let rival: VerifiedRecord | undefined
  let valid = 0
  let fault = ''

  try {
    for await (const value of network.get(key, options)) {
      const read = open(key, value)

      if (typeof read === 'string') {
        fault = read
        continue
      }

      if (newest != null && areRivals(newest, read)) rival = read
      if (newest == null || read.seq > newest.seq) newest = read
      valid += 1
      if (valid >= (newest.end == null ? enough : Math.max(enough, ENOUGH_LAST))) break
      timer ??= setTimeout(() => compared.abort(), COMPARISON_TIME).unref()
    }
  } catch (error) {
    // What was found before the walk broke off is signed and good.
    if (newest == null) throw error
  } finally {
    clearTimeout(timer)
  }

  return { newest, rival, valid, fault }
}

/** The record, or what is wrong with it. */
function open(key: string, value: Uint8Array): VerifiedRecord | string {
  try {
    return openRecordAt(key, value, Date.now())
  } catch (error) {
    if (error instanceof RecordError) return error.message
    throw error
  }
}
