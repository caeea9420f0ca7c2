import { AgreementList } from '../../overlay/agreements/list.ts'
import { nextOffer, type OfferOutcome } from '../../overlay/agreements/next-offer.ts'
import { formatAddress } from '../../identity/address.ts'
import type { RandomStream, Streams } from '../engine/random.ts'
import type { Simulation } from '../engine/simulation.ts'
import { MILLISECOND } from '../engine/ticks.ts'
import { Uplinks } from '../network/uplink.ts'
import type { Characters } from '../population/characters.ts'
import { Names } from '../population/names.ts'
import { numberOf, type Values } from '../scenario.ts'
import { newMirror, type Mirror } from './mirror.ts'

/** The events from here on are a replicated site's. */
const EVENTS = 64
const OFFER: number = EVENTS
const POLL: number = EVENTS + 1
const LOOK: number = EVENTS + 2

const PUBLISHER = 0

/** A round trip with a signed answer. */
const ASKING: number = 200 * MILLISECOND

/** How long a mirror says that it will serve, in ms; it renews that while it is on. */
const PROMISE = 24 * 60 * 60 * 1000

/** A friend's level of trust; nobody knows the others. */
const FRIEND = 2

interface Version {
  /** In ticks. */
  readonly at: number
  /** When there were enough copies. */
  reachedAt: number | undefined
}

export interface ReplicatedSiteOptions {
  readonly simulation: Simulation
  readonly streams: Streams
  readonly values: Values
  readonly characters: Characters
}

/** A site, its publisher and those who mirror it: who is listed is decided by the node's own rules. */
export class ReplicatedSite {
  readonly list = new AgreementList()
  readonly versions: Version[] = []
  /** Bytes that were sent in vain. */
  wasted = 0
  isPublisherOn = true
  readonly #options: ReplicatedSiteOptions
  readonly #uplinks: Uplinks
  readonly #names: Names
  readonly #mirrors: readonly Mirror[]
  readonly #friends: ReadonlySet<number>
  readonly #offers: RandomStream
  readonly #checks: RandomStream
  /** Mirrors that are to be pushed to, in order. */
  readonly #waiting: number[] = []
  #pushing = 0

  constructor(options: ReplicatedSiteOptions) {
    const { simulation, streams, characters } = options

    this.#options = options
    this.#offers = streams.stream('offers')
    this.#checks = streams.stream('checks')
    this.#names = new Names(characters.nodes)
    this.#friends = new Set(
      characters.wellMeaning.slice(0, Math.round(this.#value('friends') * characters.nodes))
    )
    this.#mirrors = Array.from({ length: characters.nodes }, newMirror)
    this.#uplinks = new Uplinks(simulation)
    this.#uplinks.add(PUBLISHER, this.#value('uplink'))
    simulation.handle(EVENTS, (kind, node, session) => {
      const mirror = this.#mirrors[node]!

      if (!mirror.isOn || mirror.session !== session) return
      if (kind === OFFER) this.#offer(node)
      else if (kind === POLL) this.#poll(node)
      else this.#look(node)
    })
  }

  /** Bytes that the publisher has sent. */
  get sent(): number {
    return this.#uplinks.sent(PUBLISHER)
  }

  /** Mirrors that are on. */
  get live(): number {
    return this.#mirrors.filter(({ isOn }) => isOn).length
  }

  get newest(): number {
    return this.versions.length - 1
  }

  switch(node: number, isOn: boolean): void {
    const { simulation } = this.#options
    const mirror = this.#mirrors[node]!

    mirror.isOn = isOn
    mirror.isFetching = false
    mirror.last = undefined
    if (!isOn) {
      mirror.session += 1
      return
    }
    simulation.after(0, POLL, node, mirror.session)
    simulation.after(ASKING, OFFER, node, mirror.session)
  }

  publish(): void {
    this.versions.push({ at: this.#options.simulation.now, reachedAt: undefined })
    if (!this.#isPushed) return

    for (const { id } of this.list.listed(this.#root)) this.#want(this.#names.number(id)!)
    this.#push()
  }

  /** The publisher looks who is to be checked. */
  check(): void {
    if (!this.isPublisherOn) return
    this.list.expire(this.#now)
    for (const { id } of this.list.due(this.#root, this.#now)) this.#check(id)
  }

  /** Those that readers are told of. */
  listed(): number[] {
    return this.list.listed(this.#root).map(({ id }) => this.#names.number(id)!)
  }

  /** Whether a mirror is on and would serve a version. */
  has(node: number, version: number): boolean {
    const { isOn, holds } = this.#mirrors[node]!

    return isOn && holds === version && !this.#options.characters.isMalicious(node)
  }

  copiesOf(version: number): number {
    return this.#mirrors.filter((_, node) => this.has(node, version)).length
  }

  #want(node: number): void {
    if (!this.#waiting.includes(node)) this.#waiting.push(node)
  }

  /** To so many at once, in the order of the list. */
  #push(): void {
    while (this.#pushing < this.#value('at.once') && this.#waiting.length > 0) {
      const node = this.#waiting.shift()!

      if (this.#isServed(node)) {
        this.#pushing += 1
        this.#transfer(node, () => {
          this.#pushing -= 1
          this.#push()
        })
      }
    }
  }

  #poll(node: number): void {
    const { session } = this.#mirrors[node]!

    this.#options.simulation.after(this.#value('poll.interval'), POLL, node, session)
    if (this.#isServed(node)) this.#transfer(node, () => undefined)
  }

  /** Whether the publisher has something for a mirror that it could take now. */
  #isServed(node: number): boolean {
    const { isOn, isFetching, holds } = this.#mirrors[node]!

    return this.isPublisherOn && isOn && !isFetching && holds < this.newest
  }

  #transfer(node: number, onEnd: () => void): void {
    const { simulation } = this.#options
    const mirror = this.#mirrors[node]!
    const { session } = mirror
    const version = this.newest
    const bytes = this.#missing(node)

    mirror.isFetching = true
    this.#uplinks.send(PUBLISHER, bytes, () => {
      if (mirror.session === session && mirror.isOn && this.isPublisherOn) {
        mirror.isFetching = false
        mirror.holds = version
        simulation.after(ASKING, LOOK, node, session)
        this.#count(version)
      } else {
        this.wasted += bytes
      }
      onEnd()
    })
  }

  /** Bytes that a mirror lacks; a malicious one stores nothing, and takes what is new for the look of it. */
  #missing(node: number): number {
    const { holds } = this.#mirrors[node]!
    const changes = (this.newest - Math.max(holds, 0)) * this.#value('change.size')
    const isWhole = holds < 0 && !this.#options.characters.isMalicious(node)

    return isWhole ? this.#value('site.size') : Math.min(this.#value('site.size'), changes)
  }

  #count(version: number): void {
    const entry = this.versions[version]!

    if (entry.reachedAt == null && this.copiesOf(version) >= this.#value('k')) {
      entry.reachedAt = this.#options.simulation.now
    }
  }

  #offer(node: number): void {
    const mirror = this.#mirrors[node]!
    const outcome = this.#answerTo(node)

    mirror.repeated = outcome.kind === mirror.last ? mirror.repeated + 1 : 0
    mirror.last = outcome.kind

    const delay = nextOffer(outcome, mirror.repeated, this.#offers.uniform()) * MILLISECOND

    this.#options.simulation.after(Math.max(1, Math.round(delay)), OFFER, node, mirror.session)
  }

  #answerTo(node: number): OfferOutcome {
    if (!this.isPublisherOn) return { kind: 'away', reason: 'it is off' }

    const verdict = this.list.offer(
      {
        id: this.#idOf(node),
        node: this.#names.address(node),
        uris: urisOf(node),
        prefix: '/',
        ttl: PROMISE,
        quota: this.#value('site.size'),
        trust: this.#friends.has(node) ? FRIEND : 0
      },
      this.#now
    )

    if (verdict.kind === 'accepted' && verdict.isDue) {
      this.#options.simulation.after(ASKING, LOOK, node, this.#mirrors[node]!.session)
    }

    return verdict
  }

  /** The publisher asks a mirror what it has, and compares a few ranges. */
  #look(node: number): void {
    const { simulation, characters } = this.#options
    const mirror = this.#mirrors[node]!
    const root = rootOf(mirror.holds)

    if (!this.isPublisherOn) return
    mirror.seq += 1
    this.list.ask(this.#idOf(node), this.#now)
    this.list.prove(this.#idOf(node), this.#standing(node), this.#now)
    if (mirror.holds < 0) return

    const differs =
      characters.isMalicious(node) && this.#checks.uniform() < this.#value('lie.share')

    this.list.judge(this.#idOf(node), root, { at: this.#now, isGood: !differs, ranges: 4, differs })
    simulation.trace.add(simulation.now, LOOK, node, differs ? 1 : 0)
    if (this.#isPushed && this.#isServed(node)) {
      this.#want(node)
      this.#push()
    }
  }

  #standing(node: number): Parameters<AgreementList['prove']>[1] {
    const { seq, holds } = this.#mirrors[node]!
    const size = this.#value('site.size')

    return {
      uris: urisOf(node),
      seq,
      root: rootOf(holds),
      bytes: size,
      quota: size,
      served: 0,
      expires: this.#now + PROMISE
    }
  }

  #check(id: string): void {
    const node = this.#names.number(id)!
    const { isOn, session } = this.#mirrors[node]!

    if (isOn) {
      this.#options.simulation.after(ASKING, LOOK, node, session)
      return
    }
    this.list.ask(id, this.#now)
    this.list.judge(id, this.#root, {
      at: this.#now,
      isGood: false,
      ranges: 0,
      reason: 'It cannot be reached.',
      differs: false
    })
  }

  get #isPushed(): boolean {
    return this.#options.values['how'] === 'push'
  }

  get #root(): string {
    return rootOf(this.newest)
  }

  /** In ms, as the node's own rules count. */
  get #now(): number {
    return this.#options.simulation.now / MILLISECOND
  }

  #idOf(node: number): string {
    return formatAddress(this.#names.address(node))
  }

  #value(name: string): number {
    return numberOf(this.#options.values, name)
  }
}

function rootOf(version: number): string {
  return `version ${version}`
}

/** Each in a network of its own. */
function urisOf(node: number): string[] {
  return [`https://mirror-${node}.example/`]
}
