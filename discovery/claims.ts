import type { AddressFingerprint, NodeUuid } from '../identity/index.ts'
import type { VerifiedRecord } from './record.ts'

/** At most so many claims of one UUID are gathered: providers cost a flooder nothing. */
export const MAX_CLAIMS = 16

export type Verdict =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'chosen'
      readonly record: VerifiedRecord
      readonly assurance: 'pinned' | 'only-claim'
    }
  | { readonly kind: 'ambiguous'; readonly claims: readonly VerifiedRecord[] }

/** What a node makes of the claims of a bare UUID (DESIGN section 5): the pinned key, else the only one, else nobody's guess. */
export function judgeClaims(
  uuid: NodeUuid,
  claims: readonly VerifiedRecord[],
  pinned: AddressFingerprint | undefined
): Verdict {
  const candidates = newestOfEachKey(claims.filter(claim => claim.uuid === uuid))

  if (pinned != null) {
    const record = candidates.find(claim => claim.address.fp === pinned)

    return record == null ? { kind: 'none' } : { kind: 'chosen', record, assurance: 'pinned' }
  }

  const [first, ...others] = candidates

  if (first == null) return { kind: 'none' }

  return others.length === 0
    ? { kind: 'chosen', record: first, assurance: 'only-claim' }
    : { kind: 'ambiguous', claims: candidates }
}

function newestOfEachKey(claims: readonly VerifiedRecord[]): VerifiedRecord[] {
  const newest = new Map<AddressFingerprint, VerifiedRecord>()

  for (const claim of claims) {
    const known = newest.get(claim.address.fp)

    if (known == null || known.seq < claim.seq) newest.set(claim.address.fp, claim)
  }

  return [...newest.values()].toSorted((a, b) => a.issued - b.issued)
}
