import type { FullAddress, NodeAddress } from '../../../identity/index.ts'
import { judgeClaims, type VouchFor } from '../../claims.ts'
import { AmbiguousError, NotFoundError, PinnedKeyError, UnansweredError } from '../../errors.ts'
import type { RecordNetwork } from '../../network.ts'
import type { DiscoveryStore } from '../../store.ts'
import { gatherClaims, type Claims } from '../claimants/service.ts'
import { askFriends, type Friends } from '../friends/service.ts'
import type { Heirs } from '../heirs/service.ts'
import type { Reach } from '../reach/service.ts'
import type { Records } from '../records/service.ts'
import type { Answer, Search } from '../resolution.ts'
import { withSignal } from '../with-signal.ts'

const REASONS = {
  pinned: 'the pinned key',
  vouched: 'vouched for by the trust map',
  'only-claim': 'the only claim there is'
}

export interface BareUuidsOptions {
  readonly network: RecordNetwork
  readonly store: DiscoveryStore
  readonly reach: Reach
  readonly records: Records
  readonly heirs: Heirs
  /** Who is asked beside the DHT whom a bare UUID means. */
  readonly friends?: Friends
  /** What this node's trust map says of a claim. */
  readonly vouchFor?: VouchFor
}

/** Whose key a UUID means that comes without one: the pinned one, or what claims and the trust map say (A25). */
export class BareUuids {
  readonly #options: BareUuidsOptions

  constructor(options: BareUuidsOptions) {
    this.#options = options
  }

  async find(address: NodeAddress, search: Search): Promise<Answer> {
    const fp = await this.#options.store.pin(address.uuid)

    if (fp == null) return this.#byClaims(address, search)

    search.trail.ok('cache', `this UUID is pinned to the key ${fp}`)

    return this.#byPin({ uuid: address.uuid, fp }, search)
  }

  async #byPin(pinned: FullAddress, search: Search): Promise<Answer> {
    const { store, heirs } = this.#options
    const answer = await this.#pinnedRecord(pinned, search)

    if (answer.record.end == null) return { ...answer, assurance: 'pinned' }

    const heir = await heirs.of(answer.record, search)

    // Another UUID is not this one's to pin.
    if (heir.record.uuid === pinned.uuid) {
      await store.setPin(pinned.uuid, heir.record.address.fp)
    }

    return { ...heir, source: 'peer', assurance: 'pinned' }
  }

  /** Where the pinned key is gone and others claim the UUID, that is told loudly and nobody is believed. */
  async #pinnedRecord(pinned: FullAddress, search: Search): Promise<Answer> {
    try {
      return await this.#options.records.find(pinned, search)
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error

      const { records } = await this.#claims({ uuid: pinned.uuid }, search)
      const verdict = judgeClaims(pinned.uuid, records, pinned.fp)

      // Friends may know it although the DHT does not.
      if (verdict.kind === 'chosen') {
        const learnt = Date.now()
        const known = await this.#options.store.remember({ record: verdict.record, learnt })

        return { ...known, source: 'peer', assurance: 'pinned' }
      }

      const others = judgeClaims(pinned.uuid, records, undefined)

      if (others.kind === 'none') throw error

      const claims = others.kind === 'ambiguous' ? others.claims : [others.record]

      throw new PinnedKeyError(pinned, claims, search.trail.steps)
    }
  }

  async #byClaims(address: NodeAddress, search: Search): Promise<Answer> {
    const { store, reach, vouchFor } = this.#options
    const { trail } = search

    reach.check(address, search)

    const { records, silent } = await this.#claims(address, search)
    const verdict = judgeClaims(address.uuid, records, undefined, vouchFor)

    if (verdict.kind === 'none') {
      throw silent > 0
        ? new UnansweredError(address, silent, trail.steps)
        : reach.missed(address, search)
    }

    if (verdict.kind === 'ambiguous') {
      trail.failed('record', `${verdict.claims.length} keys claim this UUID`)
      throw new AmbiguousError(address.uuid, verdict.claims, trail.steps)
    }

    const { record, assurance, vouch } = verdict
    const known = { record, learnt: Date.now() }

    await store.remember(known)
    await store.setPin(address.uuid, record.address.fp)
    trail.ok('record', `${REASONS[assurance]}; pinned from now on`)

    return { ...known, source: 'peer', assurance, ...(vouch == null ? {} : { vouch }) }
  }

  /** Of friends and of the DHT, asked at the same time. */
  async #claims(address: NodeAddress, { trail, signal }: Search): Promise<Claims> {
    const { network, friends } = this.#options
    const [known, gathered] = await withSignal(
      Promise.all([
        askFriends(friends, address, trail, signal),
        gatherClaims(network, address, trail, signal)
      ]),
      { signal }
    )

    return { records: [...gathered.records, ...known], silent: gathered.silent }
  }
}
