import type { AddressFingerprint, FullAddress, NodeUuid } from '../identity/index.ts'
import type { Vouch } from '../identity/trust/index.ts'
import type { VerifiedRecord } from './record.ts'

/** At most so many claims of one UUID are gathered: providers cost a flooder nothing. */
export const MAX_CLAIMS = 16

export type Verdict =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'chosen'
      readonly record: VerifiedRecord
      readonly assurance: 'pinned' | 'vouched' | 'only-claim'
      /** Why the trust map vouches for it. */
      readonly vouch?: Vouch
    }
  | { readonly kind: 'ambiguous'; readonly claims: readonly VerifiedRecord[] }

/** What a trust map says of a claim; undefined where it does not vouch for it. */
export type VouchFor = (claim: FullAddress) => Vouch | undefined

/**
 * What a node makes of the claims of a bare UUID (DESIGN section 5): the pinned key, else the one that the trust map vouches for at the highest level,
 * else the only one, else nobody's guess.
 */
export function judgeClaims(
  uuid: NodeUuid,
  claims: readonly VerifiedRecord[],
  pinned: AddressFingerprint | undefined,
  vouchFor: VouchFor = () => undefined
): Verdict {
  const candidates = newestOfEachKey(claims.filter(claim => claim.uuid === uuid)).filter(
    // A key that has ended claims nothing; who pinned it is led on from its record.
    ({ address, end }) => end == null || address.fp === pinned
  )

  if (pinned != null) {
    const record = candidates.find(claim => claim.address.fp === pinned)

    return record == null ? { kind: 'none' } : { kind: 'chosen', record, assurance: 'pinned' }
  }

  const vouched = mostVouched(candidates, vouchFor)

  if (vouched != null) return { kind: 'chosen', ...vouched, assurance: 'vouched' }

  const [first, ...others] = candidates

  if (first == null) return { kind: 'none' }

  return others.length === 0
    ? { kind: 'chosen', record: first, assurance: 'only-claim' }
    : { kind: 'ambiguous', claims: candidates }
}

/** Two that are vouched for alike are nobody's guess either. */
function mostVouched(
  candidates: readonly VerifiedRecord[],
  vouchFor: VouchFor
): { record: VerifiedRecord; vouch: Vouch } | undefined {
  const [first, second] = candidates
    .flatMap(record => {
      const vouch = vouchFor(record.address)

      return vouch == null ? [] : [{ record, vouch }]
    })
    .toSorted((a, b) => weight(b.vouch) - weight(a.vouch))

  return first == null || (second != null && weight(second.vouch) === weight(first.vouch))
    ? undefined
    : first
}

/** A statement of one's own counts for more than any number of others'. */
function weight({ isOwn, level }: Vouch): number {
  return (isOwn ? 4 : 0) + level
}

function newestOfEachKey(claims: readonly VerifiedRecord[]): VerifiedRecord[] {
  const newest = new Map<AddressFingerprint, VerifiedRecord>()

  for (const claim of claims) {
    const known = newest.get(claim.address.fp)

    if (known == null || known.seq < claim.seq) newest.set(claim.address.fp, claim)
  }

  return [...newest.values()].toSorted((a, b) => a.issued - b.issued)
}
