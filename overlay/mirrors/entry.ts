import { formatAddress } from '../../identity/index.ts'
import type { MirroredSite } from './mirrored-site.ts'
import { formatHours } from './pace/hours.ts'
import { completeness, NO_PROGRESS, type Progress } from './progress.ts'

export type MirrorState = 'waiting' | 'copying' | 'current' | 'failing'

/** How a mirrored site stands; times are ms since the epoch, sizes bytes. */
export interface MirrorStatus {
  readonly address: string
  readonly state: MirrorState
  readonly failure?: string | undefined
  readonly quota: number
  /** In bytes a second. */
  readonly rate?: number | undefined
  /** '01:00-06:00', by the clock of this machine. */
  readonly schedule?: string | undefined
  /** When a copy that waits for its hours goes on. */
  readonly resumes?: number | undefined
  readonly since: number
  /** A standing order of the owner took it on. */
  readonly isByPolicy: boolean
  readonly checked?: number | undefined
  /** Of the version that is served. */
  readonly version?:
    | { readonly seq: number; readonly cid: string; readonly expires: number }
    | undefined
  /** Of the version that is served, or of the first while it is copied. */
  readonly files: number
  readonly bytes: number
  /** Of the newest version that is known, 0 to 1. */
  readonly completeness: number
  readonly progress: Progress
}

/** A mirrored site, and how it stands in this run. */
export interface Entry {
  site: MirroredSite
  state: MirrorState
  failure?: string | undefined
  progress: Progress
  checked?: number
  /** Damaged blocks in the store when it was last found whole. */
  wholeAt?: number | undefined
  /** When a copy that waits for its hours goes on. */
  resumes?: number | undefined
  failures: number
  nextCheck: number
  nextPut: number
  announced: number
}

/** A site that is to be looked at at once. */
export function newEntry(site: MirroredSite): Entry {
  return {
    site,
    state: 'waiting',
    progress: NO_PROGRESS,
    failures: 0,
    nextCheck: 0,
    nextPut: 0,
    announced: 0
  }
}

/** What its owner is told. */
export function statusOf({
  site,
  state,
  failure,
  progress,
  checked,
  resumes
}: Entry): MirrorStatus {
  const { address, quota, limits, since, isByPolicy = false, held } = site

  return {
    address: formatAddress(address),
    state,
    failure,
    quota,
    rate: limits.rate,
    schedule: limits.hours && formatHours(limits.hours),
    resumes,
    since,
    isByPolicy,
    checked,
    version: held && {
      seq: held.site.seq,
      cid: held.site.root.toString(),
      expires: held.site.expires
    },
    files: held?.files ?? progress.files,
    bytes: held?.bytes ?? progress.bytes,
    completeness: state === 'waiting' && held != null ? 1 : completeness(progress),
    progress
  }
}
