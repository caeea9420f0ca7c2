import { formatAddress, parseFullAddress, type FullAddress } from '../../identity/index.ts'
import { formatHours, parseHours } from './pace/hours.ts'
import type { PaceLimits } from './pace/limits.ts'
import { verifySiteRecord, type VerifiedSite } from '../content/site-record.ts'

/** Sites that a node mirrors at most: each is checked every few minutes, and put into the DHT every few hours. */
export const MAX_MIRRORED_SITES = 1000

/** The version of a site that is here as a whole. */
export interface HeldVersion {
  readonly site: VerifiedSite
  readonly files: number
  readonly bytes: number
}

/** What the owner asked for, and what came of it; kept across restarts. Times are ms since the epoch. */
export interface MirroredSite {
  readonly address: FullAddress
  /** In bytes. */
  readonly quota: number
  readonly limits: PaceLimits
  readonly since: number
  /** A standing order of the owner took it on, and not the owner. */
  readonly isByPolicy?: boolean | undefined
  readonly held?: HeldVersion | undefined
}

export function encodeMirrored(sites: Iterable<MirroredSite>): string {
  const list = [...sites].map(({ address, quota, limits, since, isByPolicy, held }) => ({
    address: formatAddress(address),
    quota,
    ...(limits.rate != null && { rate: limits.rate }),
    ...(limits.hours && { schedule: formatHours(limits.hours) }),
    since,
    ...(isByPolicy === true && { isByPolicy }),
    ...(held && {
      record: Buffer.from(held.site.bytes).toString('base64'),
      files: held.files,
      bytes: held.bytes
    })
  }))

  return `${JSON.stringify(list, undefined, 1)}\n`
}

/**
 * What was encoded; a version whose record is not what was signed is left out, so that it is fetched anew.
 *
 * @throws {SyntaxError | TypeError} where the file is no such list
 */
export function decodeMirrored(text: string): MirroredSite[] {
  const list: unknown = JSON.parse(text)

  if (!Array.isArray(list)) throw new TypeError('it is no list of sites')

  return list.map(readSite)
}

function readSite(value: unknown): MirroredSite {
  const fields: Record<string, unknown> = { ...(typeof value === 'object' ? value : {}) }
  const address = parseFullAddress(String(fields['address']))

  return {
    address,
    quota: numberOf(fields, 'quota'),
    limits: readLimits(fields),
    since: numberOf(fields, 'since'),
    ...(fields['isByPolicy'] === true && { isByPolicy: true }),
    held: readHeld(address, fields)
  }
}

/** @throws {TypeError} */
function readLimits(fields: Readonly<Record<string, unknown>>): PaceLimits {
  const { rate, schedule } = fields
  const hours = typeof schedule === 'string' ? parseHours(schedule) : undefined

  // What the owner asked for is not passed over because it cannot be read.
  if (hours == null && schedule != null) throw new TypeError('a site in it has no true "schedule"')

  return { rate: rate == null ? undefined : numberOf(fields, 'rate'), hours }
}

function readHeld(address: FullAddress, fields: Record<string, unknown>): HeldVersion | undefined {
  const { record } = fields

  if (typeof record !== 'string') return undefined

  try {
    const site = verifySiteRecord(new Uint8Array(Buffer.from(record, 'base64')), address)

    return { site, files: numberOf(fields, 'files'), bytes: numberOf(fields, 'bytes') }
  } catch {
    return undefined
  }
}

function numberOf(fields: Record<string, unknown>, name: string): number {
  const value = fields[name]

  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new TypeError(`a site in it has no "${name}"`)
  }

  return value
}
