import { createHash } from 'node:crypto'
import type { AbortOptions } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import {
  errorMessage,
  parseFullAddress,
  type Authority,
  type FullAddress,
  type Identity
} from '../../identity/index.ts'
import {
  checkStatementTimes,
  encodeTrustDocument,
  openTrustStatement,
  readTrustDocument,
  signTrustStatement,
  statementKey,
  TrustMap,
  type Admission,
  type TrustDomain,
  type TrustLevel,
  type TrustStatement,
  type Vouch
} from '../../identity/trust/index.ts'
import { nextToAsk, TRUST_INTERVAL, type Asked } from './schedule.ts'
import { TrustStore, type OwnStatement } from './store.ts'

/** From here on up a node is a friend whose news are always wanted. */
const FRIEND_LEVEL = 2

/** Nodes that are asked at the same time. */
const ASKED_AT_ONCE = 4

/** One node's answer, in ms. */
const ANSWER_TIMEOUT = 10_000

export interface TrustKeeperOptions {
  readonly identity: Identity
  readonly datastore: Datastore
  /** How many parties the map accepts. */
  readonly mapSize?: number
  /** The trust document of a node, unverified. */
  readonly fetch: (party: FullAddress, options: AbortOptions) => Promise<Uint8Array>
  readonly onWarning: (message: string) => void
  /** What this node said openly, as a document of one statement. */
  readonly onSaid?: (document: Uint8Array) => void
  /** What counts in the map has changed. */
  readonly onChanged?: () => void
}

export interface Saying {
  readonly subject: FullAddress
  readonly domain: TrustDomain
  readonly level: TrustLevel
  /** ms from now */
  readonly lifetime: number
  readonly isPrivate: boolean
}

export interface KnownStatement extends TrustStatement {
  readonly isPrivate: boolean
}

/** The trust map of a node, kept on disk and fed with what the accepted say (A22, A24, A42). */
export class TrustKeeper {
  readonly #options: TrustKeeperOptions
  readonly #store: TrustStore
  readonly #map: TrustMap
  readonly #own = new Map<string, OwnStatement & { readonly statement: TrustStatement }>()
  readonly #asked = new Map<string, Asked>()
  readonly #abort = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined

  constructor(options: TrustKeeperOptions) {
    const { identity, mapSize } = options

    this.#options = options
    this.#store = new TrustStore(options.datastore)
    this.#map = new TrustMap({
      self: identity.address,
      // A secret that needs no file of its own.
      salt: createHash('sha256')
        .update('plexnet trust order')
        .update(identity.libp2pKey.seed)
        .digest('hex'),
      ...(mapSize == null ? {} : { mapSize })
    })
  }

  /** Reads back what the last run knew; what this node itself wrote is not verified again. */
  async open(): Promise<void> {
    const { certificate } = this.#options.identity
    const now = Date.now()
    const statements: TrustStatement[] = []

    for (const own of await this.#store.own()) {
      const statement = readOr(() => openTrustStatement(own.bytes, certificate))

      if (statement == null) continue
      this.#own.set(statementKey(statement), { ...own, statement })
      statements.push(statement)
    }

    for (const { bytes, certificate: theirs } of await this.#store.heard()) {
      const statement = readOr(() => openTrustStatement(bytes, theirs))

      if (statement != null) statements.push(statement)
    }

    await this.#store.forgetHeard(this.#map.restore(statements, now))
  }

  /** Asks the accepted for what they say, now and from time to time. */
  start(): void {
    this.#timer = setInterval(() => void this.refresh(), TRUST_INTERVAL).unref()
    void this.refresh()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#abort.abort()
  }

  get size(): number {
    return this.#map.size
  }

  /** Statements of this node's own that have not expired, those taken back left out. */
  own(): KnownStatement[] {
    const now = Date.now()

    return [...this.#own.values()]
      .filter(({ statement }) => statement.expires > now && statement.level > 0)
      .map(({ statement, isPrivate }) => ({ ...statement, isPrivate }))
  }

  level(domain: TrustDomain, party: FullAddress): TrustLevel {
    return this.#map.level(domain, party)
  }

  /** As `TrustMap.distance`, by address. */
  distance(party: string): number | undefined {
    return this.#map.distance(parseFullAddress(party))
  }

  /** Those whom this node trusts and who trust it, at level 2 or above. */
  friends(): FullAddress[] {
    const friends = new Map(this.own().map(({ subject }) => [subject.fp, subject]))

    return [...friends.values()].filter(subject => this.#map.isMutual(subject, FRIEND_LEVEL))
  }

  /** As `TrustMap.vouch`. */
  vouch(domain: TrustDomain, party: FullAddress): Vouch | undefined {
    return this.#map.vouch(domain, party)
  }

  /** As `TrustMap.paths`. */
  paths(domain: TrustDomain, party: FullAddress): string[][] {
    return this.#map.paths(domain, party)
  }

  /** All who are accepted in a domain, best first. */
  ranking(domain: TrustDomain): { party: string; level: TrustLevel; score: number }[] {
    return this.#map.ranking(domain, 1).map(({ party, score }) => ({
      party,
      level: this.#map.level(domain, parseFullAddress(party)),
      score
    }))
  }

  /** What this node serves of its trust to others. */
  document(): Uint8Array {
    const now = Date.now()
    const open = [...this.#own.values()].filter(
      ({ statement, isPrivate }) => !isPrivate && statement.expires > now
    )

    return encodeTrustDocument({
      certificate: this.#options.identity.certificate,
      statements: open.map(({ bytes }) => bytes)
    })
  }

  /** Signs a statement; it is on disk when this resolves. Level 0 takes back what was said before. */
  async say(authority: Authority, saying: Saying): Promise<TrustStatement> {
    const { subject, domain, level, lifetime, isPrivate } = saying
    const now = Date.now()
    const { address } = this.#options.identity
    const key = statementKey({ issuer: address, subject, domain })
    const statement: TrustStatement = {
      issuer: address,
      subject,
      domain,
      level,
      // A clock that was set back must not make the newer statement the older.
      seq: Math.max(now, (this.#own.get(key)?.statement.seq ?? 0) + 1),
      issued: now,
      expires: now + lifetime
    }
    const bytes = signTrustStatement(statement, message => authority.sign(message))

    // Signed and read back: what others would refuse is refused here.
    openTrustStatement(bytes, this.#options.identity.certificate)
    await this.#store.keepOwn(key, { bytes, isPrivate })
    this.#own.set(key, { bytes, isPrivate, statement })
    this.#map.add([statement], now)
    await this.#store.forgetHeard(this.#map.prune(now))
    if (!isPrivate) {
      const { certificate } = this.#options.identity

      this.#options.onSaid?.(encodeTrustDocument({ certificate, statements: [bytes] }))
    }
    this.#options.onChanged?.()
    if (level > 0) void this.refresh()

    return statement
  }

  /**
   * Takes the document of a node: what it says counts where it is accepted.
   *
   * @throws {InvalidTrustStatementError | InvalidCertificateError} with nothing taken
   */
  async learn(bytes: Uint8Array): Promise<Admission[]> {
    const { certificate, statements } = readTrustDocument(bytes)
    const now = Date.now()
    const opened = statements
      .map(each => ({
        statement: openTrustStatement(each, certificate),
        heard: { bytes: each, certificate }
      }))
      .filter(({ statement }) => isCurrent(statement, now))

    const admissions = this.#map.add(
      opened.map(({ statement }) => statement),
      now
    )
    const kept = opened.filter((_, index) => admissions[index] === 'added')

    await this.#store.keepHeard(
      new Map(kept.map(({ statement, heard }) => [statementKey(statement), heard]))
    )

    if (kept.length > 0) this.#options.onChanged?.()

    return admissions
  }

  /** Asks all of the accepted again, whenever they were asked. */
  async refreshAll(): Promise<void> {
    await this.#round
    this.#asked.clear()
    await this.refresh()
  }

  /** Asks those of the accepted who were not asked lately, and whom these bring in; one round at a time. */
  async refresh(): Promise<void> {
    this.#round ??= this.#askAll()
      .catch((error: unknown) => {
        this.#options.onWarning(`The trust map could not be refreshed: ${errorMessage(error)}`)
      })
      .finally(() => (this.#round = undefined))
    await this.#round
  }

  async #askAll(): Promise<void> {
    for (;;) {
      const due = nextToAsk([...this.#map.accepted()], this.#asked, Date.now())

      if (due.length === 0 || this.#abort.signal.aborted) break

      const queue = due.values()

      await Promise.all(Array.from({ length: ASKED_AT_ONCE }, async () => this.#askEach(queue)))
    }

    await this.#store.forgetHeard(this.#map.prune(Date.now()))
    this.#forgetAsked()
  }

  async #askEach(queue: Iterator<string>): Promise<void> {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      if (this.#abort.signal.aborted) return
      await this.#ask(next.value)
    }
  }

  async #ask(party: string): Promise<void> {
    const at = Date.now()
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(ANSWER_TIMEOUT)])

    try {
      await this.learn(await this.#options.fetch(parseFullAddress(party), { signal }))
      this.#asked.set(party, { at, failed: false })
    } catch {
      // It may be off; its statements of before stand until they expire.
      this.#asked.set(party, { at, failed: true })
    }
  }

  /** Whoever is no longer accepted takes no memory. */
  #forgetAsked(): void {
    const accepted = this.#map.accepted()

    for (const party of this.#asked.keys()) if (!accepted.has(party)) this.#asked.delete(party)
  }
}

function isCurrent(statement: TrustStatement, now: number): boolean {
  try {
    checkStatementTimes(statement, now)

    return true
  } catch {
    return false
  }
}

/** undefined where `read` throws: what is wrong with one statement is no fault of the others. */
function readOr<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
