import type { FullAddress } from '../../identity/index.ts'
import type { TrustLevel } from '../../identity/trust/domain.ts'

/** `offered`: somebody says so. `checking`: the mirror itself says so, and its content is being compared. `listed`: clients are sent there. */
export type AgreementState = 'offered' | 'checking' | 'listed' | 'dropped'

/** Somebody who mirrors this node's site, or says so; times are ms since the epoch, sizes bytes. */
export interface Agreement {
  /** '<uuid>.<fp>' of a node, and the URI of an ordinary web server. */
  readonly id: string
  /** Undefined for an ordinary web server, which the owner has named. */
  readonly node: FullAddress | undefined
  /** What stands there in place of `prefix`; each ends in a slash, the best first. */
  readonly uris: readonly string[]
  /** The configuration names it, and can unname it. */
  readonly isConfigured?: boolean | undefined
  /** What of the site is there: a path that begins and ends with a slash. */
  readonly prefix: string
  readonly trust: TrustLevel
  readonly state: AgreementState
  /** Why it is not listed, or not any more. */
  readonly reason?: string | undefined
  /** Of the evidence, where the mirror has lied. */
  readonly incident?: string | undefined
  /** Since when it is offered. */
  readonly since: number
  /** It is forgotten then, if it is not renewed; never for what the owner has named. */
  readonly expires: number
  /** Of the mirror's own record; higher replaces lower. */
  readonly seq: number
  /** The root of the version that is there, as far as it is known. */
  readonly root?: string | undefined
  /** Of that version. */
  readonly bytes: number
  /** Room that the mirror gives. */
  readonly quota: number
  /** What the mirror says it has sent to others. */
  readonly served: number
  /** When it was last asked what it says of itself. */
  readonly asked?: number | undefined
  /** Somebody said that it has something new to say, and it was asked too lately for that. */
  readonly isHinted?: boolean | undefined
  readonly lastCheck?: CheckVerdict | undefined
}

/** What came of comparing random ranges with the tree. */
export interface CheckVerdict {
  /** ms since the epoch */
  readonly at: number
  readonly isGood: boolean
  readonly ranges: number
  readonly reason?: string | undefined
}

/** A mirror that clients are told of now. */
export interface ListedMirror extends Pick<
  Agreement,
  'id' | 'node' | 'uris' | 'prefix' | 'trust' | 'expires'
> {
  /** 1 for the one to be asked first, counting up (`pri` of RFC 6249). */
  readonly priority: number
  /** It has the version that this node signed last. */
  readonly isCurrent: boolean
}

/** What somebody offers who may be anybody. */
export interface Offer {
  readonly id: string
  readonly node: FullAddress | undefined
  readonly uris: readonly string[]
  readonly prefix: string
  /** For how long, in ms. */
  readonly ttl: number
  readonly quota: number
  readonly trust: TrustLevel
}

/** What the mirror says of itself, signed. */
export interface Standing {
  readonly uris: readonly string[]
  readonly seq: number
  readonly root: string
  readonly bytes: number
  readonly quota: number
  readonly served: number
  readonly expires: number
}

export type RefusalReason =
  | 'syntax'
  | 'prefix'
  | 'dynamic'
  | 'private-address'
  | 'not-proved'
  | 'own'
  | 'network-full'
  | 'strangers-full'
  | 'full'
  | 'busy'
  | 'dropped'
  | 'nothing-published'

export type OfferVerdict =
  | {
      readonly kind: 'accepted'
      readonly state: Exclude<AgreementState, 'dropped'>
      /** How long it will hold, in ms. */
      readonly ttl: number
      /** It is to be checked now. */
      readonly isDue: boolean
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
