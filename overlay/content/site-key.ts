import { parseAddress, type FullAddress } from '../../identity/index.ts'
import { InvalidSiteRecordError } from './errors.ts'
import { openSiteRecord, type VerifiedSite } from './site-record.ts'

const PREFIX = '/plexnet/site/'

/** The DHT key of a node's site: `/plexnet/site/<uuid>/<fp>`. */
export function siteKey(address: FullAddress): string {
  return `${PREFIX}${address.uuid}/${address.fp}`
}

export function isSiteKey(key: string): boolean {
  return key.startsWith(PREFIX)
}

/**
 * The site record under a DHT key, if it may stand there at `now`.
 *
 * @throws {InvalidSiteRecordError}
 */
export function openSiteAt(key: string, value: Uint8Array, now: number): VerifiedSite {
  return openSiteRecord(value, { address: siteAddress(key), now })
}

/** The index of the record that replaces the others: the highest `seq` among those that are valid, 0 where none is. */
export function newestSite(key: string, values: readonly Uint8Array[], now: number): number {
  const sequences = values.map(value => seqOf(key, value, now))

  return Math.max(0, sequences.indexOf(Math.max(...sequences)))
}

/**
 * Whose site stands under a DHT key.
 *
 * @throws {InvalidSiteRecordError}
 */
export function siteAddress(key: string): FullAddress {
  const { uuid, fp } = readAddress(key)

  // One site, one key: what parses but is written otherwise would be a second one.
  if (fp == null || siteKey({ uuid, fp }) !== key) throw malformedKey(key)

  return { uuid, fp }
}

function readAddress(key: string): ReturnType<typeof parseAddress> {
  try {
    return parseAddress(key.slice(PREFIX.length).replace('/', '.'))
  } catch (cause) {
    throw malformedKey(key, { cause })
  }
}

function malformedKey(key: string, options?: ErrorOptions): InvalidSiteRecordError {
  return new InvalidSiteRecordError('malformed', `No site stands under the key ${key}.`, options)
}

function seqOf(key: string, value: Uint8Array, now: number): number {
  try {
    return openSiteAt(key, value, now).seq
  } catch {
    return -1
  }
}
