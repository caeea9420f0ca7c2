import { CID } from 'multiformats/cid'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  AgreementJson,
  Gateway,
  MirrorControl,
  MirrorJson,
  MirrorPaceJson,
  MirrorPolicyJson,
  MirrorsJson,
  SiteContent
} from '../http-gateway/index.ts'
import {
  errorMessage,
  formatAddress,
  parseFullAddress,
  type FullAddress,
  type Identity,
  type NodeAddress
} from '../identity/index.ts'
import type { VerifiedSite } from '../overlay/content/index.ts'
import type * as Mirroring from '../overlay/mirrors/index.ts'
import { parseHours } from '../overlay/mirrors/pace/hours.ts'
import {
  UnknownMirrorError,
  InvalidPaceError,
  InvalidQuotaError,
  OwnSiteError
} from './mirror-errors.ts'
import type { MirrorOffers } from './mirror-offers.ts'
import type { MirrorPolicy } from './mirror-policy.ts'
import type { Network } from './network.ts'

export interface NodeMirrorsOptions {
  readonly own: FullAddress
  readonly identity: Pick<Identity, 'libp2pKey'>
  /** Where a site that is mirrored here is served. */
  readonly places: (site: FullAddress) => readonly string[]
  /** Where copies are kept. */
  readonly data: string
  readonly gateway: Pick<Gateway, 'newestSite' | 'readerOf' | 'fetch' | 'hearOfSite' | 'agreements'>
  /** Of the version of the own site that was signed last. */
  readonly root: () => string | undefined
  /** What audits of a mirror of the own site found. */
  readonly auditOf: (mirror: FullAddress) => AgreementJson['audit']
  /** By the configuration. */
  readonly policy: MirrorPolicyJson | undefined
  /** Resolves when it is up. */
  readonly network: () => Promise<Network>
  /** How often records are put again, in ms. */
  readonly interval: number
  /** What a person typed: an address, or a name for one. */
  readonly addressOf: (text: string) => Promise<NodeAddress>
  /** For all sites together. */
  readonly pace: MirrorPaceJson
  readonly onWarning: (message: string) => void
}

type Pushes = Mirroring.Mirrors['pushes']

/** The sites of others that this node mirrors; nothing of it is loaded where there are none. */
export class NodeMirrors implements MirrorControl {
  readonly #options: NodeMirrorsOptions
  #opening: Promise<Mirroring.Mirrors> | undefined
  #mirrors: Mirroring.Mirrors | undefined
  #offers: MirrorOffers | undefined
  #policyOpening: Promise<MirrorPolicy> | undefined
  #policy: MirrorPolicy | undefined

  constructor(options: NodeMirrorsOptions) {
    this.#options = options
  }

  /** Goes on with what the last run mirrored, and was told to. */
  async restore(): Promise<void> {
    await this.#restorePolicy()

    try {
      await access(join(this.#directory, 'sites.json'))
    } catch {
      // Nothing was ever mirrored here.
      return
    }

    await this.#open().catch((error: unknown) => {
      this.#options.onWarning(`What this node mirrors cannot be read: ${errorMessage(error)}`)
    })
  }

  /** @throws {OwnSiteError | InvalidQuotaError | InvalidPaceError}, and what a lookup throws */
  async add(address: string, quota: number, pace: MirrorPaceJson = {}): Promise<MirrorJson> {
    if (!Number.isSafeInteger(quota) || quota <= 0) throw new InvalidQuotaError()

    const change = paceChange(pace)
    const full = await this.#fullAddress(address)

    if (formatAddress(full) === formatAddress(this.#options.own)) throw new OwnSiteError()

    return this.#describe(await (await this.#open()).add(full, quota, change))
  }

  async remove(address: string): Promise<MirrorJson> {
    return this.#remove(await this.#fullAddress(address))
  }

  async removeAll(): Promise<MirrorJson[]> {
    const removed: MirrorJson[] = []

    await this.follow(null)
    for (const { address } of await this.list()) {
      removed.push(await this.#remove(parseFullAddress(address)))
    }

    return removed
  }

  /** @throws {InvalidPolicyError} */
  async follow(policy: MirrorPolicyJson | null): Promise<void> {
    await (await this.#openPolicy()).follow(policy)
  }

  async overview(): Promise<MirrorsJson> {
    const { gateway, root, auditOf } = this.#options
    const { agreementsOf, wouldServe } = await import('./mirror-overview.ts')
    const mirrors = agreementsOf(gateway.agreements, { root: root(), auditOf })

    return {
      mirrored: await this.list(),
      mirrors,
      wouldServe: wouldServe(mirrors),
      policy: this.#policy?.policy ?? null
    }
  }

  /** @throws {RefusedServerError} */
  async name(uri: string): Promise<AgreementJson> {
    const { nameServer } = await import('./mirror-overview.ts')

    return nameServer(this.#options.gateway.agreements, uri)
  }

  /** @throws {NoAgreementError} */
  async end(id: string): Promise<AgreementJson> {
    const { endAgreement } = await import('./mirror-overview.ts')

    return endAgreement(this.#options.gateway.agreements, id)
  }

  async list(): Promise<MirrorJson[]> {
    return this.#mirrors?.list().map(status => this.#describe(status)) ?? []
  }

  /** There is news of a site. */
  check(address: FullAddress): void {
    this.#mirrors?.check(address)
  }

  /** Sites whose whole copies are here, with the roots that are served. */
  held(): { readonly address: FullAddress; readonly root: CID }[] {
    return (this.#mirrors?.list() ?? []).flatMap(({ address, version }) =>
      version == null ? [] : [{ address: parseFullAddress(address), root: CID.parse(version.cid) }]
    )
  }

  /** The nodes that announce that they mirror a site, without this one. */
  mirrorsOf(
    address: FullAddress,
    signal: AbortSignal
  ): AsyncIterable<{ readonly address: FullAddress; readonly trust: number }> {
    return this.#find(address, signal)
  }

  record(address: FullAddress): VerifiedSite | undefined {
    return this.#mirrors?.record(address)
  }

  async block(cid: CID): Promise<Uint8Array | undefined> {
    return this.#mirrors?.block(cid)
  }

  /** What this node says of itself as a mirror of a site, signed. */
  word(address: FullAddress): Uint8Array | undefined {
    return this.#offers?.word(address)
  }

  /** So many bytes of a site went to somebody. */
  sent(address: FullAddress, bytes: number): void {
    this.#offers?.sent(address, bytes)
  }

  /** A publisher pushes a newer version of its site. */
  async begin(address: FullAddress, record: Uint8Array): Promise<Mirroring.PushAnswer> {
    const { openSiteRecord } = await import('../overlay/content/index.ts')
    const site = openSiteRecord(record, { address, now: Date.now() })
    const answer = await this.#pushes(address).begin(site)

    if (answer.state !== 'older') await this.#options.gateway.hearOfSite(address, record)
    // What is being copied may be older.
    if (answer.state === 'copying') this.check(address)

    return answer
  }

  /** Takes blocks of it. */
  async take(...[address, blocks]: Parameters<Pushes['take']>): Promise<Mirroring.PushAnswer> {
    return this.#pushes(address).take(address, blocks)
  }

  /** What the gateway reads with, and mirrors beside it: those of others, and the copies that are here. */
  around(content: SiteContent): SiteContent {
    const { cache } = content

    return {
      ...content,
      cache: {
        has: cid => cache.has(cid) || this.#mirrors?.has(cid) === true,
        get: async cid => (await cache.get(cid)) ?? this.block(cid),
        put: (cid, bytes) => {
          if (this.#mirrors?.has(cid) !== true) cache.put(cid, bytes)
        }
      },
      isOwn: address => formatAddress(address) === formatAddress(this.#options.own),
      findMirrors: (address, { signal }) => this.#find(address, signal)
    }
  }

  async stop(): Promise<void> {
    await this.#policy?.stop()
    await this.#offers?.stop()
    await this.#opening?.then(
      async mirrors => mirrors.stop(),
      () => undefined
    )
  }

  async #remove(address: FullAddress): Promise<MirrorJson> {
    const removed = this.#describe(await (await this.#open()).remove(address))

    await this.#offers?.withdraw(address)

    return removed
  }

  async #restorePolicy(): Promise<void> {
    const isOrdered = await access(this.#policyFile).then(
      () => true,
      () => false
    )

    if (isOrdered || this.#options.policy != null) await this.#openPolicy()
  }

  async #openPolicy(): Promise<MirrorPolicy> {
    this.#policyOpening ??= this.#startPolicy()

    return this.#policyOpening
  }

  async #startPolicy(): Promise<MirrorPolicy> {
    const { gateway, network, policy: configured, onWarning, own } = this.#options
    const { MirrorPolicy: Policy } = await import('./mirror-policy.ts')
    const policy = new Policy({
      file: this.#policyFile,
      configured,
      trusted: async () =>
        (await network()).trust
          .ranking('mirror')
          .filter(({ party }) => party !== formatAddress(own)),
      mirrored: async () => (await this.#open()).list(),
      hasSite: async address => (await gateway.newestSite(address)) != null,
      add: async (address, quota) => {
        await (await this.#open()).add(address, quota, {}, true)
      },
      remove: async address => {
        await this.#remove(address)
      },
      onWarning
    })

    await policy.start()
    this.#policy = policy

    return policy
  }

  get #policyFile(): string {
    return join(this.#directory, 'policy.json')
  }

  #describe(status: Mirroring.MirrorStatus): MirrorJson {
    const address = parseFullAddress(status.address)

    return {
      ...status,
      agreement: this.#offers?.standing(address),
      served: this.#offers?.served(address) ?? 0
    }
  }

  #pushes(address: FullAddress): Pushes {
    if (this.#mirrors == null) throw new UnknownMirrorError(formatAddress(address))

    return this.#mirrors.pushes
  }

  get #directory(): string {
    return join(this.#options.data, 'mirrors')
  }

  async #fullAddress(text: string): Promise<FullAddress> {
    const { uuid, fp } = await this.#options.addressOf(text)

    if (fp != null) return { uuid, fp }

    const { discovery } = await this.#options.network()

    return (await discovery.resolve({ uuid })).record.address
  }

  async #open(): Promise<Mirroring.Mirrors> {
    this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })

    return this.#opening
  }

  async #start(): Promise<Mirroring.Mirrors> {
    const { gateway, interval, pace, onWarning } = this.#options
    const { overlay } = await this.#options.network()
    const [{ Mirrors }, { MirrorOffers: Offers }] = await Promise.all([
      import('../overlay/mirrors/index.ts'),
      import('./mirror-offers.ts')
    ])
    const mirrors = new Mirrors({
      directory: this.#directory,
      find: async address => gateway.newestSite(address),
      reader: async site => {
        const reader = await gateway.readerOf(site)

        if (reader == null) throw new Error('Signed trees cannot be read here.')

        return async (wanted, signal) => reader.block(wanted, { signal })
      },
      network: overlay,
      interval,
      limits: limitsOf(pace),
      onHeld: () => this.#offers?.changed(),
      onWarning
    })
    const offers = await Offers.create({ ...this.#options, mirrors })

    await mirrors.start()
    this.#mirrors = mirrors
    this.#offers = offers
    offers.start()

    return mirrors
  }

  /** Each that is found can be asked at once: its record is remembered. */
  async *#find(
    address: FullAddress,
    signal: AbortSignal
  ): AsyncGenerator<{ address: FullAddress; trust: number }> {
    const { own, gateway } = this.#options
    const { overlay, discovery, trust } = await this.#options.network()
    const [{ findMirrors }, { searchMirrors }] = await Promise.all([
      import('../overlay/mirrors/index.ts'),
      import('./mirror-search.ts')
    ])
    const search = {
      own,
      friends: () => trust.ranking('mirror').map(({ party }) => party),
      has: async (friend: FullAddress, site: FullAddress, asking: AbortSignal) => {
        const path = `/.well-known/plexnet/site/${formatAddress(site)}`
        const { status, body } = await gateway.fetch(friend, path, {
          method: 'HEAD',
          signal: asking
        })

        body.destroy()

        return status === 200
      },
      announced: async function* (site: FullAddress, asking: AbortSignal) {
        for await (const record of findMirrors(overlay, site, { signal: asking })) {
          await discovery.remember(record)
          yield record.address
        }
      }
    }

    for await (const mirror of searchMirrors(search, address, signal)) {
      yield { address: mirror, trust: trust.level('mirror', mirror) }
    }
  }
}

/** @throws {InvalidPaceError} */
function paceChange({ rate, schedule }: MirrorPaceJson): Mirroring.PaceChange {
  if (rate != null && !(Number.isSafeInteger(rate) && rate >= LEAST_RATE)) {
    throw new InvalidPaceError(`A rate is ${LEAST_RATE} bytes a second or more, such as 10Mbit.`)
  }

  return {
    rate: rate === null ? 'none' : rate,
    hours: schedule === null ? 'none' : hoursOf(schedule)
  }
}

function limitsOf({ rate, schedule }: MirrorPaceJson): Mirroring.PaceLimits {
  return { rate: rate ?? undefined, hours: hoursOf(schedule ?? undefined) }
}

/** @throws {InvalidPaceError} */
function hoursOf(schedule: string | undefined): Mirroring.PaceLimits['hours'] {
  const hours = schedule == null ? undefined : parseHours(schedule)

  if (schedule != null && hours == null) {
    throw new InvalidPaceError(`"${schedule}" are no hours: write a schedule such as 01:00-06:00.`)
  }

  return hours
}

/** A block of the usual size takes four minutes at this rate, in bytes a second; with less, no site ever is whole. */
const LEAST_RATE = 1024
