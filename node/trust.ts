import {
  AmbiguousError,
  PinnedKeyError,
  type Resolution,
  type VerifiedRecord
} from '../discovery/index.ts'
import type { KnownStatement, TrustKeeper } from '../discovery/trust/service.ts'
import type {
  StatementJson,
  TrustControl,
  TrustList,
  TrustReason,
  TrustRequest
} from '../http-gateway/index.ts'
import {
  fingerprintOf,
  formatAddress,
  formatFingerprint,
  parseFingerprint,
  type Authority,
  type FullAddress,
  type NodeAddress,
  type NodeUuid
} from '../identity/index.ts'
import {
  MAX_TRUST_LIFETIME,
  TRUST_DOMAINS,
  type TrustDomain,
  type TrustLevel
} from '../identity/trust/domain.ts'
import { FingerprintMismatchError, InvalidTrustError, UnknownTrustError } from './trust-errors.ts'

export interface NodeTrustOptions {
  readonly own: FullAddress
  readonly keeper: () => Promise<TrustKeeper>
  /** @throws {AuthorityLockedError} */
  readonly authority: () => Authority
  readonly resolve: (address: NodeAddress) => Promise<Resolution>
  /** What a person typed: an address, or a name for one. */
  readonly addressOf: (text: string) => Promise<NodeAddress>
  /** From now on a bare UUID means this key. */
  readonly pin: (uuid: NodeUuid, key: FullAddress['fp']) => Promise<void>
}

/** The owner's trust in others, for the command line and for programs that embed a node (A22, A24, A42). */
export class NodeTrust implements TrustControl {
  readonly #options: NodeTrustOptions

  constructor(options: NodeTrustOptions) {
    this.#options = options
  }

  /**
   * @throws {AuthorityLockedError | FingerprintMismatchError | InvalidTrustError} with nothing said, and what a lookup throws
   */
  async add(request: TrustRequest): Promise<StatementJson[]> {
    const domains = readDomains(request.domains)
    const level = readLevel(request.level)
    const authority = this.#options.authority()
    const subject = await this.#subject(request)

    if (formatAddress(subject) === formatAddress(this.#options.own)) {
      throw new InvalidTrustError('That is this node itself: nobody can vouch for itself.')
    }

    const said = await this.#say(authority, subject, domains, {
      level,
      lifetime: readLifetime(request.lifetime),
      isPrivate: request.isPrivate
    })

    if (domains.includes('identify')) await this.#options.pin(subject.uuid, subject.fp)

    return said
  }

  /** What was told to others is taken back by a statement of level 0, until the old one would have expired. */
  async remove(address: string, domains: readonly string[]): Promise<StatementJson[]> {
    const authority = this.#options.authority()
    const keeper = await this.#options.keeper()
    const { uuid, fp } = await this.#options.addressOf(address)
    const wanted = readDomains(domains)
    const now = Date.now()
    const said = keeper
      .own()
      .filter(
        ({ subject, domain }) =>
          subject.uuid === uuid &&
          (fp == null || subject.fp === fp) &&
          (wanted.length === 0 || wanted.includes(domain))
      )

    if (said.length === 0) throw new UnknownTrustError(`This node has said nothing of ${address}.`)

    const taken: StatementJson[] = []

    for (const { subject, domain, expires, isPrivate } of said) {
      const lifetime = Math.max(expires - now, 1)

      taken.push(
        ...(await this.#say(authority, subject, [domain], { level: 0, lifetime, isPrivate }))
      )
    }

    return taken
  }

  /**
   * What this node said of a key that has ended it says of the one that took its place, or of nobody.
   *
   * @throws {AuthorityLockedError} where there is something to say
   */
  async moveTo(ended: FullAddress, successor: FullAddress | undefined): Promise<void> {
    const keeper = await this.#options.keeper()
    const said = keeper
      .own()
      .filter(({ subject }) => formatAddress(subject) === formatAddress(ended))

    if (said.length === 0) return

    const authority = this.#options.authority()

    for (const { domain, level, expires, isPrivate } of said) {
      const lifetime = Math.max(expires - Date.now(), 1)

      if (successor != null) {
        await this.#say(authority, successor, [domain], { level, lifetime, isPrivate })
      }
      await this.#say(authority, ended, [domain], { level: 0, lifetime, isPrivate })
    }
  }

  async list(): Promise<TrustList> {
    const keeper = await this.#options.keeper()

    return {
      own: keeper.own().map(statementJson),
      accepted: TRUST_DOMAINS.flatMap(domain =>
        keeper
          .ranking(domain)
          .map(({ party, level, score }) => ({ address: party, domain, level, score }))
      )
    }
  }

  async refresh(): Promise<void> {
    await (await this.#options.keeper()).refreshAll()
  }

  async why(address: string, domain: string): Promise<TrustReason> {
    const keeper = await this.#options.keeper()
    const [wanted = 'identify'] = readDomains([domain])
    const named = await this.#options.addressOf(address)
    const subject =
      named.fp == null
        ? (await this.#options.resolve(named)).record.address
        : { uuid: named.uuid, fp: named.fp }
    const vouch = keeper.vouch(wanted, subject)

    return {
      address: formatAddress(subject),
      domain: wanted,
      level: keeper.level(wanted, subject),
      isVouched: vouch != null,
      isOwn: vouch?.isOwn ?? false,
      paths: keeper.paths(wanted, subject)
    }
  }

  async #say(
    authority: Authority,
    subject: FullAddress,
    domains: readonly TrustDomain[],
    what: {
      readonly level: TrustLevel
      readonly lifetime: number
      readonly isPrivate: boolean
    }
  ): Promise<StatementJson[]> {
    const keeper = await this.#options.keeper()
    const said: StatementJson[] = []

    for (const domain of domains) {
      const statement = await keeper.say(authority, { subject, domain, ...what })

      said.push(statementJson({ ...statement, isPrivate: what.isPrivate }))
    }

    return said
  }

  /** A full address proves itself; a fingerprint that was compared decides between claims of a UUID. */
  async #subject({ address, fingerprint }: TrustRequest): Promise<FullAddress> {
    const named = await this.#options.addressOf(address)

    if (fingerprint == null) {
      if (named.fp == null) {
        throw new InvalidTrustError(
          `Anybody can claim the UUID ${address}: give the full address, or --fingerprint with what its owner read to you.`
        )
      }

      return { uuid: named.uuid, fp: named.fp }
    }

    const wanted = parseFingerprint(fingerprint)
    const claims = await this.#claims(named)
    const found = claims.find(({ certificate }) =>
      Buffer.from(fingerprintOf(certificate, wanted.algorithm).digest).equals(wanted.digest)
    )

    if (found == null) {
      const shown = claims.map(({ certificate }) =>
        formatFingerprint(fingerprintOf(certificate, wanted.algorithm))
      )

      throw new FingerprintMismatchError(formatFingerprint(wanted), shown)
    }

    return found.address
  }

  async #claims(address: NodeAddress): Promise<readonly VerifiedRecord[]> {
    try {
      return [(await this.#options.resolve(address)).record]
    } catch (error) {
      if (error instanceof AmbiguousError || error instanceof PinnedKeyError) return error.claims

      throw error
    }
  }
}

function statementJson({
  subject,
  domain,
  level,
  issued,
  expires,
  isPrivate
}: KnownStatement): StatementJson {
  return { address: formatAddress(subject), domain, level, issued, expires, isPrivate }
}

function readDomains(names: readonly string[]): TrustDomain[] {
  return names.map(name => {
    const domain = TRUST_DOMAINS.find(known => known === name)

    if (domain == null) {
      throw new InvalidTrustError(
        `There is no domain of trust "${name}": take one of ${TRUST_DOMAINS.join(', ')}.`
      )
    }

    return domain
  })
}

function readLevel(level: number): 1 | 2 | 3 {
  if (level === 1 || level === 2 || level === 3) return level

  throw new InvalidTrustError('The level of trust is 1, 2 or 3.')
}

function readLifetime(lifetime: number): number {
  if (lifetime > 0 && lifetime <= MAX_TRUST_LIFETIME) return Math.ceil(lifetime)

  throw new InvalidTrustError('Trust lasts for more than nothing and for five years at most.')
}
