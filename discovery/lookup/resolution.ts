import type { Vouch } from '../../identity/trust/index.ts'
import type { VerifiedRecord } from '../record.ts'
import type { KnownRecord } from '../store.ts'
import type { Trail } from '../trail-recorder.ts'
import type { Step } from '../trail.ts'

export type Assurance = 'self' | 'self-certifying' | 'pinned' | 'vouched' | 'only-claim'

/** Who a node is, how that is known, and how it was found out. */
export interface Resolution {
  readonly record: VerifiedRecord
  readonly source: 'self' | 'memory' | 'disk' | 'dht' | 'peer'
  readonly assurance: Assurance
  /** Why the trust map vouches for the key, where that decided. */
  readonly vouch?: Vouch
  /** ms since the epoch */
  readonly learnt: number
  /** The record has expired, or could not be asked for again because the network is away. */
  readonly stale: boolean
  readonly trail: readonly Step[]
}

/** What a lookup comes to; it is not stale unless it says so. */
export type Answer = Omit<Resolution, 'stale' | 'trail'> & { readonly stale?: boolean }

/** A lookup under way. */
export interface Search {
  /** Ask the network, whatever is known. */
  readonly fresh: boolean
  readonly trail: Trail
  readonly signal: AbortSignal
}

/** @param now ms since the epoch */
export function ageOf(known: KnownRecord, now: number): string {
  const seconds = Math.max(0, Math.round((now - known.learnt) / 1000))

  return `record learnt ${seconds} s ago`
}
