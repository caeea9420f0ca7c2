import type { Evidence } from './evidence.ts'
import { rolesOf, type Role } from './together.ts'
import { weigh, type LatencyOrigin, type Weighed } from './weigh.ts'

/** A source with all that decides about it. */
export interface Subject {
  readonly evidence: Evidence
  readonly kind: 'node' | 'web' | 'gateway'
  /** In a row. */
  readonly failures: number
  /** From when on it may be asked again, in ms since the epoch. */
  readonly restedAt: number
  /** Why it is not asked for this site. */
  readonly exclusion?: string | undefined
}

/** Why a source is asked, or is not: times in ms, throughput in bytes a second. */
export interface SourceChoice {
  readonly source: string
  readonly kind: Subject['kind']
  readonly state: Role | 'resting' | 'excluded'
  /** It is asked now where the site is read. */
  readonly isUsed: boolean
  readonly roundTrip?: number | undefined
  /** Measured, or only what the source claims by its place. */
  readonly isMeasured: boolean
  /** From a request to its first byte. */
  readonly latency?: number | undefined
  readonly throughput?: number | undefined
  readonly trust: number
  readonly failures: number
  /** The part of its requests that went well lately, 0 to 1. */
  readonly reliability: number
  readonly lies: number
  /** What a block of 256 KiB costs, in ms made dearer by failures and lies: the lowest is asked first. */
  readonly score: number
  readonly reason: string
}

/** All sources of a site, the best first, with the reasons; the same rule as the one that reads. */
export function explainChoice(subjects: readonly Subject[], now: number): SourceChoice[] {
  const able = subjects.filter(
    ({ exclusion, restedAt }) => exclusion === undefined && restedAt <= now
  )
  const resting = subjects.filter(
    ({ exclusion, restedAt }) => exclusion === undefined && restedAt > now
  )
  const excluded = subjects.filter(({ exclusion }) => exclusion !== undefined)
  const weighed = weigh(able.map(({ evidence }) => evidence))
  const roles = rolesOf(weighed)

  return [
    ...weighed.flatMap((one, index) =>
      choicesOf(one, able, roles[index] ?? 'spare', reasonFor(roles[index] ?? 'spare', one))
    ),
    ...weigh(resting.map(({ evidence }) => evidence)).flatMap(one =>
      choicesOf(one, resting, 'resting', restReason(one, resting, now))
    ),
    ...weigh(excluded.map(({ evidence }) => evidence)).flatMap(one =>
      choicesOf(one, excluded, 'excluded', exclusionOf(one, excluded))
    )
  ]
}

function choicesOf(
  { evidence, cost }: Weighed,
  subjects: readonly Subject[],
  state: SourceChoice['state'],
  reason: string
): SourceChoice[] {
  const { id, latency, rate, roundTrip, claimedRoundTrip, trust = 0, reliability, lies } = evidence

  return subjects
    .filter(subject => subject.evidence.id === id)
    .map(({ kind, failures }) => ({
      source: id,
      kind,
      state,
      isUsed: state === 'first' || state === 'beside' || state === 'trial',
      roundTrip: roundTrip ?? claimedRoundTrip,
      isMeasured: roundTrip != null,
      latency,
      throughput: rate == null ? undefined : rate * 1000,
      trust,
      failures,
      reliability,
      lies,
      score: cost,
      reason
    }))
}

const BY: Record<LatencyOrigin, string> = {
  requests: 'as its answers showed',
  measured: 'as its line was measured',
  claimed: 'after the place that it claims',
  unknown: 'as nothing is known of it'
}

const ROLE_REASONS: Record<Role, string> = {
  first: 'It is asked first',
  beside: 'It is asked beside the first where more comes in so',
  trial: 'It gets one block to show what it can, since nobody knows its throughput',
  spare: 'It waits until the first fails or is slow'
}

function reasonFor(role: Role, { latency, latencyBy, time, evidence: { lies } }: Weighed): string {
  const blame = lies > 0 ? `; ${lies} ${lies === 1 ? 'lie' : 'lies'} about other sites` : ''

  return `${ROLE_REASONS[role]}: ${Math.round(time)} ms a block, ${Math.round(latency)} ms of it until the first byte, ${BY[latencyBy]}${blame}.`
}

function restReason({ evidence }: Weighed, subjects: readonly Subject[], now: number): string {
  const { failures = 0, restedAt = now } = subjects.find(each => each.evidence === evidence) ?? {}

  return `It failed ${failures} times in a row and is asked again in ${Math.ceil((restedAt - now) / 1000)} s.`
}

function exclusionOf({ evidence }: Weighed, subjects: readonly Subject[]): string {
  const { exclusion = '' } = subjects.find(each => each.evidence === evidence) ?? {}

  return `It is not asked for this site: it ${exclusion}.`
}
