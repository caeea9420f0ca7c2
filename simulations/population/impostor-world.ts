import { judgeClaims, MAX_CLAIMS, type Verdict } from '../../discovery/claims.ts'
import type { VerifiedRecord } from '../../discovery/record.ts'
import type { FullAddress } from '../../identity/address.ts'
import { TrustMap } from '../../identity/trust/map.ts'
import type { TrustStatement } from '../../identity/trust/statement.ts'
import type { RandomStream, Streams } from '../engine/random.ts'
import { walkDisjoint } from '../kademlia/disjoint-walk.ts'
import { Identifiers } from '../kademlia/identifiers.ts'
import { StaticTables } from '../kademlia/static-tables.ts'
import { numberOf, type Values } from '../scenario.ts'
import { Characters } from './characters.ts'
import { Names } from './names.ts'
import { recordOf } from './records.ts'
import { Society } from './society.ts'

/** Contacts of a bucket and holders of a claim, and the paths of a search, as the node has them. */
const K = 20
const PATHS = 3

/** Characters of an address after its UUID and the point. */
const FP_LENGTH = 26

/** Level of all trust here, and its expiry, in ms: nothing expires while it is looked at. */
const LEVEL = 2
const FOREVER = Number.MAX_SAFE_INTEGER

/** What came of resolving one UUID. */
interface Resolved {
  readonly target: FullAddress
  readonly verdict: Verdict
  readonly without: Verdict
  /** The resolver itself vouches for the target. */
  readonly isOwn: boolean
  readonly isReached: boolean
}

/** People, and false identities that claim their UUIDs, stand in the DHT and are vouched for. */
export class ImpostorWorld {
  readonly share: number
  readonly #names: Names
  readonly #characters: Characters
  readonly #society: Society
  readonly #identifiers: Identifiers
  readonly #tables: StaticTables
  readonly #stream: RandomStream
  readonly #resolvers: readonly number[]
  readonly #maps: readonly TrustMap[]
  /** By person: the identities that claim its UUID. */
  readonly #impostors = new Map<number, number[]>()
  /** By false identity: the person whose UUID it claims. */
  readonly #victims = new Map<number, number>()

  constructor(share: number, values: Values, streams: Streams) {
    const people = numberOf(values, 'people')
    const all = Math.round(people / (1 - share))
    const index = Math.round(share * 1000)

    this.share = share
    this.#names = new Names(all)
    this.#characters = new Characters(
      all,
      {
        malicious: (all - people) / all,
        confused: (numberOf(values, 'confused') * people) / all
      },
      streams.stream('characters', index)
    )
    this.#society = new Society(this.#characters, values, streams.stream('society', index))
    this.#identifiers = new Identifiers(streams.stream('ids', index).bits())
    this.#tables = new StaticTables(all, K, this.#identifiers, streams)
    this.#stream = streams.stream('trials', index)

    const { wellMeaning } = this.#characters

    for (const [place, identity] of this.#characters.all('malicious').entries()) {
      const victim = wellMeaning[place % wellMeaning.length]!

      this.#impostors.set(victim, [...(this.#impostors.get(victim) ?? []), identity])
      this.#victims.set(identity, victim)
    }
    this.#resolvers = this.#draw(wellMeaning, numberOf(values, 'resolvers'))
    this.#maps = this.#resolvers.map(resolver =>
      this.#mapOf(resolver, numberOf(values, 'map.size'))
    )
  }

  /** One person resolves the UUID of another. */
  resolve(trial: number): Resolved {
    const place = trial % this.#resolvers.length
    const [resolver, map] = [this.#resolvers[place]!, this.#maps[place]!]
    const { wellMeaning } = this.#characters
    const others = wellMeaning.filter(person => person !== resolver)
    const person = others[this.#stream.below(others.length)]!
    const target = this.#names.address(person)
    const isReached = this.#isReached(resolver)
    const claims = this.#claimsOf(person, isReached)
    const vouch = map.vouch('identify', target)

    return {
      target,
      isReached,
      isOwn: vouch?.isOwn === true,
      verdict: judgeClaims(target.uuid, claims, undefined, claim => map.vouch('identify', claim)),
      without: judgeClaims(target.uuid, claims, undefined)
    }
  }

  /** In all trust maps: who is accepted, and how many of them are false. */
  acceptedByAll(): { all: number; bad: number } {
    const accepted = this.#maps.flatMap(map => [...map.accepted()])
    const bad = new Set(
      this.#characters.all('malicious').map(identity => String(this.#addressOf(identity).fp))
    )

    return {
      all: accepted.length,
      bad: accepted.filter(party => bad.has(party.slice(-FP_LENGTH))).length
    }
  }

  /** What comes of a search: all claims in any order, up to the node's limit; from false holders only false ones. */
  #claimsOf(person: number, isReached: boolean): VerifiedRecord[] {
    const claims = [...(isReached ? [person] : []), ...(this.#impostors.get(person) ?? [])]

    return this.#draw(claims, MAX_CLAIMS).map(identity => recordOf(this.#addressOf(identity)))
  }

  #isReached(resolver: number): boolean {
    const key = this.#stream.bits()
    const isFalse = (id: number): boolean =>
      this.#characters.isMalicious(this.#identifiers.handleOf(id))
    const holders = new Set(this.#tables.population.nearestTo(key, K).filter(id => !isFalse(id)))
    const start = this.#tables.contactsOf(this.#identifiers.idOf(resolver), key)

    return walkDisjoint(start, PATHS, {
      target: key,
      isGoal: id => holders.has(id),
      isAdverse: isFalse,
      contactsOf: (id, target) => this.#tables.contactsOf(id, target)
    }).isFound
  }

  /** As the node makes it: its own statements, and those of everybody whom it accepts because of them. */
  #mapOf(resolver: number, mapSize: number): TrustMap {
    const map = new TrustMap({ self: this.#addressOf(resolver), salt: String(resolver), mapSize })
    const heard = new Set<number>()
    let waiting = [resolver]

    while (waiting.length > 0) {
      for (const issuer of waiting) {
        heard.add(issuer)
        map.add(
          this.#society.trusted(issuer).map(subject => this.#statement(issuer, subject)),
          0
        )
      }
      waiting = waiting
        .flatMap(issuer => this.#society.trusted(issuer))
        .filter(
          (one, place, all) =>
            !heard.has(one) && all.indexOf(one) === place && map.isAccepted(this.#addressOf(one))
        )
    }

    return map
  }

  #statement(issuer: number, subject: number): TrustStatement {
    return {
      issuer: this.#addressOf(issuer),
      subject: this.#addressOf(subject),
      domain: 'identify',
      level: LEVEL,
      seq: 1,
      issued: 0,
      expires: FOREVER
    }
  }

  /** A false identity has the UUID of its victim and a key of its own. */
  #addressOf(identity: number): FullAddress {
    const { uuid } = this.#names.address(this.#victims.get(identity) ?? identity)

    return { uuid, fp: this.#names.address(identity).fp }
  }

  #draw(items: readonly number[], count: number): number[] {
    const left = [...items]

    return Array.from(
      { length: Math.min(count, items.length) },
      () => left.splice(this.#stream.below(left.length), 1)[0]!
    )
  }
}
