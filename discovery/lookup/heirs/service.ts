import {
  formatAddress,
  type AddressFingerprint,
  type FullAddress
} from '../../../identity/index.ts'
import { DisputedSuccessionError, RevokedKeyError, SuccessionError } from '../../errors.ts'
import type { VerifiedRecord } from '../../record.ts'
import { confirms } from '../../succession/end.ts'
import type { Records } from '../records/service.ts'
import type { Search } from '../resolution.ts'

/** How often a key may have been replaced; a longer way is one to nowhere. */
const MAX_SUCCESSIONS = 8

/** What is known of a key that took another's place. */
export interface Heir {
  readonly record: VerifiedRecord
  /** ms since the epoch */
  readonly learnt: number
}

export interface HeirsOptions {
  readonly records: Records
  /** This node's own record, once it has one. */
  readonly self: () => VerifiedRecord | undefined
  /** Hears of a key that was replaced, as both say, or revoked, each time that it is found. */
  readonly onEnd?: (ended: FullAddress, successor: FullAddress | undefined) => void
  /** A last record that names another successor than the one that is known of the same key. */
  readonly rivalOf: (fp: AddressFingerprint) => Promise<VerifiedRecord | undefined>
  /** Hears of a key that names two successors. */
  readonly onDispute?: (ended: FullAddress, successors: readonly FullAddress[]) => void
}

/** Who took the place of a key that has ended; each on the way must be named by the one before it, and say so itself. */
export class Heirs {
  readonly #options: HeirsOptions

  constructor(options: HeirsOptions) {
    this.#options = options
  }

  /**
   * @throws {RevokedKeyError} the key, or one after it, is revoked
   * @throws {SuccessionError} the way leads nowhere
   * @throws {DisputedSuccessionError} it leads two ways
   */
  async of(first: VerifiedRecord, search: Search): Promise<Heir> {
    const { trail } = search
    const seen = new Set([first.address.fp])

    for (let { end, address } = first; end != null;) {
      if (end.kind === 'revoked') {
        trail.failed('record', `${formatAddress(address)} is revoked by its own key`)
        this.#options.onEnd?.(address, undefined)
        throw new RevokedKeyError(address, trail.steps)
      }

      const { successor } = end

      await this.#mustBeAlone(address, successor, search)
      if (seen.has(successor.fp)) refuse(address, 'was given up itself', search)
      if (seen.size > MAX_SUCCESSIONS) refuse(address, 'has too many after it', search)
      seen.add(successor.fp)

      const next = await this.#confirmed(successor, address, search)

      if (next == null) refuse(address, 'does not confirm it', search)
      trail.ok('record', `${formatAddress(address)} names its successor, which confirms it`)
      this.#options.onEnd?.(address, successor)
      if (next.record.end == null) return next
      ;({ end, address } = next.record)
    }

    throw new SuccessionError(first.address, 'is nobody', trail.steps)
  }

  /** Whoever stole a key can name a successor as well as its owner can: where there are two neither is followed. */
  async #mustBeAlone(ended: FullAddress, successor: FullAddress, search: Search): Promise<void> {
    const { rivalOf, onDispute } = this.#options
    const rival = await rivalOf(ended.fp)

    if (rival?.end?.kind !== 'succeeded' || rival.end.successor.fp === successor.fp) return

    const successors = [successor, rival.end.successor]

    search.trail.failed('record', `${formatAddress(ended)} names two successors`)
    onDispute?.(ended, successors)
    throw new DisputedSuccessionError(ended, successors, search.trail.steps)
  }

  async #confirmed(
    successor: FullAddress,
    ended: FullAddress,
    search: Search
  ): Promise<Heir | undefined> {
    const known = this.#atHand(successor) ?? (await this.#find(successor, false, search))

    if (confirms(known.record, ended)) return known

    // What is known of it may be from before it took that place.
    const asked = await this.#find(successor, true, search)

    return confirms(asked.record, ended) ? asked : undefined
  }

  #atHand(successor: FullAddress): Heir | undefined {
    const own = this.#options.self()

    return own?.address.fp === successor.fp
      ? { record: own, learnt: own.issued }
      : this.#options.records.inMemory(successor)?.known
  }

  async #find(address: FullAddress, fresh: boolean, search: Search): Promise<Heir> {
    return this.#options.records.find(address, { ...search, fresh })
  }
}

function refuse(address: FullAddress, reason: string, { trail }: Search): never {
  trail.failed('record', `${formatAddress(address)} names a successor, which ${reason}`)
  throw new SuccessionError(address, reason, trail.steps)
}
