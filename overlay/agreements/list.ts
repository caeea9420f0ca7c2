import type {
  Agreement,
  CheckVerdict,
  ListedMirror,
  Offer,
  OfferVerdict,
  Standing
} from './agreement.ts'
import {
  CHECK_INTERVAL,
  CHECK_TIMEOUT,
  DROPPED_FOR,
  LIAR_DROPPED_FOR,
  MAX_DROPPED,
  MAX_TTL,
  MIN_TTL,
  PROOF_INTERVAL,
  RECHECK_INTERVAL
} from './bounds.ts'
import { placeFor } from './places.ts'

/** What the owner names: a server that says nothing of itself. */
export interface NamedServer {
  readonly uri: string
  readonly prefix: string
  readonly isConfigured?: boolean | undefined
}

/** Why somebody is not listed any more. */
export interface Drop {
  readonly reason: string
  /** Of evidence that anybody can verify. */
  readonly incident?: string | undefined
}

/**
 * Who mirrors a site, from the offer to the end: offered, checked, listed, renewed, dropped. Rules only; `now` is in ms since the epoch. An
 * offer is no more than a hint to go and see: what holds is what the mirror itself says, signed, where it says that it is, so that offers
 * that are replayed, or made for others, change nothing.
 */
export class AgreementList {
  readonly #entries: Map<string, Agreement>

  constructor(entries: Iterable<Agreement> = []) {
    this.#entries = new Map([...entries].map(entry => [entry.id, entry]))
  }

  get all(): readonly Agreement[] {
    return [...this.#entries.values()]
  }

  get(id: string): Agreement | undefined {
    return this.#entries.get(id)
  }

  /** Somebody says that a mirror would serve, or serves still. */
  offer(offer: Offer, now: number): OfferVerdict {
    this.expire(now)

    const known = this.#entries.get(offer.id)

    if (known?.state === 'dropped') return { kind: 'refused', reason: 'dropped' }
    if (known != null) return accepted(this.#put({ ...known, isHinted: true }), now)

    const place = placeFor(offer, this.all)

    if (typeof place === 'string') return { kind: 'refused', reason: place }
    if (place.victim != null) this.#entries.delete(place.victim)

    const { node, id, uris, prefix, quota, trust } = offer
    const expires = now + Math.min(ttlOf(offer.ttl), CHECK_TIMEOUT)
    const what = { id, node, uris, prefix, quota, trust }

    this.#entries.set(id, { ...what, state: 'offered', since: now, expires, ...UNKNOWN })

    return { kind: 'accepted', state: 'offered', ttl: ttlOf(offer.ttl), isDue: true }
  }

  /** The owner names an ordinary server. */
  name({ uri, prefix, isConfigured }: NamedServer, now: number): Agreement {
    const known = this.#entries.get(uri)
    const agreement: Agreement = {
      id: uri,
      node: undefined,
      uris: [uri],
      isConfigured,
      prefix,
      trust: OWNERS_TRUST,
      quota: 0,
      state: 'checking',
      since: known?.since ?? now,
      expires: Number.MAX_SAFE_INTEGER,
      ...UNKNOWN
    }

    this.#entries.set(uri, agreement)

    return agreement
  }

  /** It is being asked now. */
  ask(id: string, now: number): void {
    const known = this.#entries.get(id)

    if (known != null) this.#put({ ...known, asked: now, isHinted: false })
  }

  /** It can be asked again at once: this node has sent it something new. */
  expect(id: string): void {
    const known = this.#entries.get(id)

    if (known != null) this.#put({ ...known, asked: 0 })
  }

  /** The mirror itself was asked, and says this; older words of it change nothing. */
  prove(id: string, standing: Standing, now: number): Agreement | undefined {
    const known = this.#entries.get(id)

    if (known == null || known.state === 'dropped' || standing.seq < known.seq) return known

    // Not all that the mirror says of itself: what is known of it stays.
    const { uris, seq, root, bytes, quota, served } = standing
    const isSame = root === known.root && known.state === 'listed'

    return this.#put({
      ...known,
      uris,
      seq,
      root,
      bytes,
      quota,
      served,
      expires: Math.min(standing.expires, now + MAX_TTL),
      state: isSame ? 'listed' : 'checking',
      reason: isSame ? undefined : known.reason
    })
  }

  /** Ranges were compared with the tree of `root`. What differs ends the agreement; who cannot be reached is not told of for a while. */
  judge(id: string, root: string, verdict: CheckVerdict & { differs: boolean }): void {
    const { differs, ...lastCheck } = verdict
    const known = this.#entries.get(id)

    // What has the right bytes may be anybody's, as long as the mirror has not said that it is its own.
    if (known == null || known.state === 'dropped' || known.state === 'offered') return

    if (verdict.isGood) {
      this.#put({ ...known, state: 'listed', reason: undefined, root, lastCheck })
    } else {
      this.#put({ ...known, state: 'checking', reason: verdict.reason, lastCheck })
      if (differs) this.drop(id, { reason: verdict.reason ?? DIFFERS }, verdict.at)
    }
  }

  /** The mirror itself says that it has ended, or the owner of this node does. */
  withdraw(id: string): Agreement | undefined {
    const known = this.#entries.get(id)

    if (known != null && known.state !== 'dropped') this.#entries.delete(id)

    return known
  }

  /** It is told of no more, and refused for a while. */
  drop(id: string, { reason, incident }: Drop, now: number): Agreement | undefined {
    const known = this.#entries.get(id)

    if (known == null) return undefined
    // A server that signs nothing may have an old copy; it is told of again when it is mended.
    if (known.node == null) return this.#put({ ...known, state: 'checking', reason })

    const expires = now + (incident == null ? DROPPED_FOR : LIAR_DROPPED_FOR)

    this.#put({ ...known, state: 'dropped', reason, incident, expires })
    this.#forgetDropped()

    return this.#entries.get(id)
  }

  /** As the trust of this node's owner stands now. */
  trust(levelOf: (agreement: Agreement) => Agreement['trust']): void {
    for (const known of this.#entries.values()) {
      if (known.node != null) this.#put({ ...known, trust: levelOf(known) })
    }
  }

  /** Removes what has run out; returns what was listed of it. */
  expire(now: number): Agreement[] {
    const over = this.all.filter(({ expires }) => expires <= now)

    for (const { id } of over) this.#entries.delete(id)

    return over.filter(({ state }) => state === 'listed')
  }

  /** Those to be asked and compared now, when `root` is what was signed last. */
  due(root: string, now: number): Agreement[] {
    return this.all.filter(
      agreement => agreement.state !== 'dropped' && now >= nextCheck(agreement, root)
    )
  }

  /** Those that clients are told of: who has the present version first, then whom the owner trusts, then who is here longest. */
  listed(root: string | undefined): ListedMirror[] {
    return this.all
      .filter(({ state }) => state === 'listed')
      .map(agreement => ({ agreement, isCurrent: agreement.root === root }))
      .toSorted(
        (a, b) =>
          Number(b.isCurrent) - Number(a.isCurrent) ||
          b.agreement.trust - a.agreement.trust ||
          a.agreement.since - b.agreement.since
      )
      .map(({ agreement: { id, node, uris, prefix, trust, expires }, isCurrent }, index) => ({
        id,
        node,
        uris,
        prefix,
        trust,
        expires,
        isCurrent,
        priority: index + 1
      }))
  }

  #put(agreement: Agreement): Agreement {
    this.#entries.set(agreement.id, agreement)

    return agreement
  }

  #forgetDropped(): void {
    const dropped = this.all.filter(({ state }) => state === 'dropped')

    for (const { id } of dropped.slice(0, Math.max(0, dropped.length - MAX_DROPPED))) {
      this.#entries.delete(id)
    }
  }
}

/** Nothing is known of it yet. */
const UNKNOWN = { seq: 0, bytes: 0, served: 0 } as const

const OWNERS_TRUST = 3

const DIFFERS = 'What it sends is not what was signed.'

function ttlOf(ttl: number): number {
  return Math.min(Math.max(ttl, MIN_TTL), MAX_TTL)
}

function accepted(known: Agreement, now: number): OfferVerdict {
  const { state, expires, asked = 0 } = known

  return {
    kind: 'accepted',
    state: state === 'dropped' ? 'offered' : state,
    ttl: expires - now,
    isDue: now >= asked + PROOF_INTERVAL
  }
}

function nextCheck(agreement: Agreement, root: string): number {
  const { state, node, root: held, asked = 0, isHinted, lastCheck } = agreement
  const last = lastCheck?.at ?? 0

  if (state === 'offered' || isHinted === true) return asked + PROOF_INTERVAL

  if (state === 'listed' && (held === root || node != null)) return last + CHECK_INTERVAL

  return last + RECHECK_INTERVAL
}
