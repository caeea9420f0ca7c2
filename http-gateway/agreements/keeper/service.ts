import { errorMessage, formatAddress, type FullAddress } from '../../../identity/index.ts'
import {
  AgreementFile,
  AgreementList,
  type Agreement,
  type Drop,
  type ListedMirror,
  type NamedServer,
  type VerifiedMirror
} from '../../../overlay/agreements/index.ts'
import { WebClient } from '../../upstream/sources/web/service.ts'
import { isAllowedPlace } from '../allowed-place.ts'
import { compareBothWays } from '../both-ways.ts'
import { directCheck } from '../comparing/service.ts'
import { readOffer, writeAnswer, writeMap, type OfferField } from '../fields.ts'
import { MirrorMap } from '../mirror-map.ts'
import type { CheckMirror, CheckThroughOthers } from '../mirror-check.ts'
import { Pusher } from '../pusher/service.ts'
import { Turns } from '../turns/service.ts'
import { askForProof, type Proof } from '../proof/service.ts'
import type { AgreementSettings, AgreementsOptions } from '../settings.ts'

export interface KeeperOptions
  extends Omit<AgreementsOptions, 'settings'>, Omit<AgreementSettings, 'directory'> {
  readonly file: string
  /** Before the mirror is asked from here, where there is a way. */
  readonly check: () => CheckThroughOthers | undefined
  readonly onListed: () => void
}

// How often it is looked whether anything is due, in ms.
const TICK = 2000

// How long a mirror may take to say what it is, and to be compared, in ms.
const PROOF_TIMEOUT = 20_000
const COMPARISON_TIMEOUT = 60_000

// Mirrors that are asked or compared at once.
const MAX_AT_ONCE = 4

/** Makes, checks, renews and ends agreements. */
export class AgreementKeeper {
  readonly #options: KeeperOptions
  readonly #file: AgreementFile
  readonly #web: WebClient
  readonly #direct: CheckMirror
  readonly #abort = new AbortController()
  readonly #visits: Turns
  readonly #pusher: Pusher
  #list = new AgreementList()
  #told: readonly ListedMirror[] = []
  #map: MirrorMap | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: KeeperOptions) {
    const { limits, file } = options
    const allowPrivate = options.allowPrivate()

    this.#options = options
    this.#file = new AgreementFile(file)
    // What a node's place sends is signed, or compared with the tree: its certificate is nobody's that is known.
    this.#web = new WebClient({ limits, allowPrivate, anyCertificate: true })
    this.#direct = directCheck({ ...options, webGetter: url => this.#web.getterFor(url) })
    this.#visits = new Turns(MAX_AT_ONCE, this.#abort.signal)
    this.#pusher = new Pusher({
      ...options,
      signal: this.#abort.signal,
      nodeOf: id => this.#lacking(id),
      onPushed: id => this.#list.expect(id)
    })
  }

  /** @throws {SyntaxError | TypeError} where the list is damaged */
  async start(): Promise<void> {
    const { named } = this.#options
    const kept = await this.#file.read()
    // What the configuration does not name any more is not told of any more.
    const isStill = ({ isConfigured, id }: Agreement): boolean =>
      isConfigured !== true || named.some(({ uri }) => uri === id)

    this.#list = new AgreementList(kept.filter(isStill))

    for (const server of named) {
      if (this.#list.get(server.uri) === undefined) this.#list.name(server, Date.now())
    }

    this.#tell()
    this.#timer = setInterval(() => this.#tick(), TICK).unref()
    this.#tick()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#abort.abort()
    await Promise.all([this.#visits.ended(), this.#pusher.ended()])
    await this.#web.close()
  }

  get listedMirrors(): readonly ListedMirror[] {
    return this.#told
  }

  get map(): MirrorMap | undefined {
    return this.#map
  }

  get all(): readonly Agreement[] {
    return this.#list.all
  }

  /** As `Agreements.consider`. */
  consider(field: string): string {
    const offer = readOffer(field)

    return offer === undefined
      ? writeAnswer({ kind: 'refused', reason: 'syntax' })
      : this.#consider(offer)
  }

  /** A node announces that it mirrors the site, or does so no longer; whether that is so it is asked itself. */
  hear({ address: by, uris, expires, quota, isWithdrawn }: VerifiedMirror): void {
    const [uri] = uris

    if (isWithdrawn) this.#takeBack(by)
    else if (uri !== undefined)
      this.#consider({ by, uri, prefix: '/', ttl: Math.max(1, expires - Date.now()), quota })
  }

  #consider(offer: OfferField): string {
    const { by, uri, prefix, ttl, quota } = offer

    if (by === undefined) return this.#answerServer(uri)
    if (ttl === 0) return this.#takeBack(by)

    const reason = this.#fault(offer)

    if (reason !== undefined) return writeAnswer({ kind: 'refused', reason })

    const id = formatAddress(by)
    const now = Date.now()
    const trust = this.#options.trustOf(by)
    const verdict = this.#list.offer({ id, node: by, uris: [uri], prefix, ttl, quota, trust }, now)

    if (verdict.kind === 'accepted' && verdict.isDue) this.#see(id)

    return writeAnswer(verdict)
  }

  /** Clients are sent there no more. */
  async drop(id: string, drop: Drop): Promise<Agreement | undefined> {
    const dropped = this.#list.drop(id, drop, Date.now())

    await this.#changed()

    return dropped
  }

  /** A server that the owner names; it is compared at once. Undefined where its address is one that is not told of. */
  async name(server: NamedServer): Promise<Agreement | undefined> {
    if (!this.#isAllowed(server.uri)) return undefined

    const agreement = this.#list.name(server, Date.now())

    await this.#changed()
    this.#see(agreement.id)

    return agreement
  }

  /** The owner does not want it any more. */
  async end(id: string): Promise<Agreement | undefined> {
    const ended = this.#list.withdraw(id)

    await this.#changed()

    return ended
  }

  /** The site has a new version. */
  refresh(): void {
    this.#tell()
    this.#tick()
    for (const { id } of this.#list.all) this.#pusher.push(id)
  }

  /** Ordinary servers are named by the owner alone: anybody could name one. */
  #answerServer(uri: string): string {
    const known = this.#list.get(uri)

    return known?.state === 'listed'
      ? writeAnswer({ kind: 'accepted', ttl: known.expires - Date.now(), state: known.state })
      : writeAnswer({ kind: 'refused', reason: 'not-proved' })
  }

  /** It ends when the mirror says so itself. */
  #takeBack(by: FullAddress): string {
    const id = formatAddress(by)
    const known = this.#list.get(id)

    if (known !== undefined && known.state !== 'dropped') this.#see(id)

    return writeAnswer({ kind: 'withdrawn' })
  }

  #fault({
    uri,
    prefix,
    by
  }: OfferField): 'nothing-published' | 'private-address' | 'dynamic' | 'own' | undefined {
    const { ownTree, isStatic, own } = this.#options

    if (ownTree()?.site === undefined) return 'nothing-published'
    if (by !== undefined && formatAddress(by) === formatAddress(own)) return 'own'
    if (!this.#isAllowed(uri)) return 'private-address'

    return isStatic(prefix) ? undefined : 'dynamic'
  }

  /** Names are judged when they are resolved. */
  #isAllowed(uri: string): boolean {
    return isAllowedPlace(uri, this.#options.allowPrivate())
  }

  #tick(): void {
    const root = this.#root

    if (this.#list.expire(Date.now()).length > 0) void this.#changed()
    if (root === undefined) return

    for (const { id } of this.#list.due(root, Date.now())) this.#see(id)
  }

  get #root(): string | undefined {
    return this.#options.ownTree()?.site?.root.toString()
  }

  /** Goes and sees, a few at a time. */
  #see(id: string): void {
    this.#visits.begin(id, async () => this.#visit(id))
  }

  async #visit(id: string): Promise<void> {
    try {
      await this.#look(id)
    } catch (error) {
      const reason = errorMessage(error)

      this.#options.logger.warn({ mirror: id, reason }, 'a mirror was not seen')
    }
  }

  /** The node of a mirror that has another version. */
  #lacking(id: string): FullAddress | undefined {
    const { node, state, root } = this.#list.get(id) ?? {}
    const isListed = state === 'listed' || state === 'checking'

    return isListed && root !== this.#root ? node : undefined
  }

  async #look(id: string): Promise<void> {
    const agreement = this.#list.get(id)

    if (agreement === undefined || agreement.state === 'dropped') return

    this.#list.ask(id, Date.now())
    if (agreement.node !== undefined && !(await this.#prove(id, agreement.node))) return

    await this.#compare(id)
  }

  /** Whether the mirror says that it has the version of now, and that has to be compared. */
  async #prove(id: string, node: FullAddress): Promise<boolean> {
    const before = this.#list.get(id)?.state

    try {
      this.#take(id, await askForProof(node, this.#proofOptions, this.#within(PROOF_TIMEOUT)))
    } catch (error) {
      const reason = errorMessage(error)

      this.#options.logger.info({ mirror: id, reason }, 'a mirror does not say what it is')
      this.#list.judge(id, this.#root ?? '', { ...UNREACHED, at: Date.now(), reason })
    }

    await this.#changed()

    const now = this.#list.get(id)

    return (
      now !== undefined &&
      now.root === this.#root &&
      (now.state === 'checking' || (before === 'listed' && this.#isDue(id)))
    )
  }

  #take(id: string, proof: Proof): void {
    if (proof.kind === 'none') {
      this.#list.withdraw(id)

      return
    }

    this.#list.prove(id, { ...proof.record, uris: proof.uris }, Date.now())
  }

  #isDue(id: string): boolean {
    const root = this.#root

    return root !== undefined && this.#list.due(root, Date.now()).some(due => due.id === id)
  }

  async #compare(id: string): Promise<void> {
    const { ownTree, check, logger } = this.#options
    const agreement = this.#list.get(id)
    const tree = ownTree()
    const root = this.#root

    if (agreement === undefined || tree === undefined || root === undefined) return

    const ways = { through: check(), direct: this.#direct }
    const found = await compareBothWays(agreement, tree, ways, this.#within(COMPARISON_TIMEOUT))

    if (this.#abort.signal.aborted) return

    logger.info({ mirror: id, ...found }, 'a mirror was compared with the site')
    this.#list.judge(id, root, { ...found, at: Date.now() })
    await this.#changed()
  }

  get #proofOptions(): Parameters<typeof askForProof>[1] {
    const { own, nodeGetter } = this.#options

    return {
      own,
      nodeGetter,
      webGetter: url => this.#web.getterFor(url),
      isAllowed: uri => this.#isAllowed(uri)
    }
  }

  #within(time: number): AbortSignal {
    return AbortSignal.any([this.#abort.signal, AbortSignal.timeout(time)])
  }

  async #changed(): Promise<void> {
    this.#tell()
    await this.#file.write(this.#list.all).catch((error: unknown) => {
      this.#options.logger.warn({ reason: errorMessage(error) }, 'agreements cannot be kept')
    })
  }

  #tell(): void {
    const told = this.#list.listed(this.#root)

    if (JSON.stringify(told) === JSON.stringify(this.#told)) return

    const current = told.filter(({ isCurrent }) => isCurrent)
    const field = writeMap(current)

    this.#told = told
    this.#map = field === undefined ? undefined : new MirrorMap(current, field)
    this.#options.onListed()
  }
}

const UNREACHED = { isGood: false, differs: false, ranges: 0 } as const
