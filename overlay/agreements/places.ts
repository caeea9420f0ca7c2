import type { Agreement, Offer, RefusalReason } from './agreement.ts'
import { MAX_AGREEMENTS, MAX_IN_NETWORK, MAX_STRANGERS, MAX_UNCHECKED } from './bounds.ts'
import { subnetOf } from './subnet.ts'

/** Room for one more; `victim` has to go for it. */
export interface Place {
  readonly victim?: string | undefined
}

/**
 * Whether there is room for an offer among those that stand: so many in all, from one network, of strangers, and that are not checked yet. Where there is none, it
 * takes the place of somebody who is trusted less, the newest of them first, so that strangers never keep out a friend.
 */
export function placeFor(offer: Offer, all: readonly Agreement[]): Place | RefusalReason {
  const standing = all.filter(({ state }) => state !== 'dropped')
  const network = offer.uris.map(subnetOf).find(subnet => subnet != null)
  const scopes: readonly Scope[] = [
    {
      reason: 'network-full',
      max: network == null ? Infinity : MAX_IN_NETWORK,
      has: ({ uris }) => uris.some(uri => subnetOf(uri) === network)
    },
    {
      reason: 'strangers-full',
      max: offer.trust > 0 ? Infinity : MAX_STRANGERS,
      has: ({ trust }) => trust === 0
    },
    {
      reason: 'busy',
      max: MAX_UNCHECKED,
      has: ({ state, node }) => state === 'offered' && node != null
    },
    { reason: 'full', max: MAX_AGREEMENTS, has: () => true }
  ]

  for (const { reason, max, has } of scopes) {
    const members = standing.filter(has)

    if (members.length < max) continue

    const victim = leastTrusted(members.filter(({ trust }) => trust < offer.trust))

    // Whoever makes room in the narrowest scope makes room in all.
    return victim == null ? reason : { victim: victim.id }
  }

  return {}
}

interface Scope {
  readonly reason: RefusalReason
  readonly max: number
  readonly has: (agreement: Agreement) => boolean
}

function leastTrusted(agreements: readonly Agreement[]): Agreement | undefined {
  const [first] = agreements.toSorted((a, b) => a.trust - b.trust || b.since - a.since)

  return first
}
