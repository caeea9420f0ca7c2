import type { AuditJson } from '../audits/audit-control.ts'

/** What `plexnet mirror` asks of a running node. */
export interface MirrorControl {
  /** Mirrors a site from now on, or gives it another quota in bytes and another pace; the copy goes on after the answer. */
  add(address: string, quota: number, pace?: MirrorPaceJson): Promise<MirrorJson>
  /** Ends that, and removes the copy. */
  remove(address: string): Promise<MirrorJson>
  /** Ends all, and removes all copies. */
  removeAll(): Promise<MirrorJson[]>
  list(): Promise<MirrorJson[]>
  /** Mirrors by itself whom the owner trusts, from now on; null ends that, and what was mirrored for it stays. */
  follow(policy: MirrorPolicyJson | null): Promise<void>
  overview(): Promise<MirrorsJson>
  /** Tells clients of a copy of the own site on an ordinary web server, as soon as what it has is right. */
  name(uri: string): Promise<AgreementJson>
  /** Clients are told of it no more: a node by its address, a server by its URI. */
  end(id: string): Promise<AgreementJson>
}

/** Both directions. */
export interface MirrorsJson {
  /** What this node mirrors. */
  readonly mirrored: readonly MirrorJson[]
  /** Who mirrors the site of this node. */
  readonly mirrors: readonly AgreementJson[]
  /** How many of those would serve the version of now if this node went offline. */
  readonly wouldServe: number
  readonly policy: MirrorPolicyJson | null
}

/** A standing order to mirror whom the owner trusts. */
export interface MirrorPolicyJson {
  /** 1 to 3, in the domain `mirror`. */
  readonly trusted: number
  /** For all sites that are mirrored by it together, in bytes. */
  readonly quota: number
}

/** Somebody who mirrors the site of this node, or says so; times are ms since the epoch, sizes bytes. */
export interface AgreementJson {
  /** '<uuid>.<fp>' of a node, and the URI of an ordinary web server. */
  readonly id: string
  readonly uris: readonly string[]
  readonly prefix: string
  readonly trust: number
  readonly state: 'offered' | 'checking' | 'listed' | 'dropped'
  readonly reason?: string | undefined
  /** Of the evidence, where it has lied. */
  readonly incident?: string | undefined
  readonly since: number
  /** Undefined for what the owner has named, which does not expire. */
  readonly expires?: number | undefined
  /** It has the version that was signed last. */
  readonly isCurrent: boolean
  /** The root of the version that it has. */
  readonly root?: string | undefined
  readonly bytes: number
  readonly quota: number
  /** What it says it has sent to others. */
  readonly served: number
  readonly lastCheck?:
    | {
        readonly at: number
        readonly isGood: boolean
        readonly ranges: number
        readonly reason?: string | undefined
      }
    | undefined
  /** What audits found since it was listed; undefined where there was none yet. */
  readonly audit?: Omit<AuditJson, 'site' | 'mirror'> | undefined
}

/** How fast, and when, a site is fetched: what is undefined stays as it is, and null takes a limit away. */
export interface MirrorPaceJson {
  /** In bytes a second. */
  readonly rate?: number | null | undefined
  /** '01:00-06:00', by the clock of the node. */
  readonly schedule?: string | null | undefined
}

/** How a mirrored site stands; times are ms since the epoch, sizes bytes. */
export interface MirrorJson {
  /** '<uuid>.<fp>'. */
  readonly address: string
  readonly state: 'waiting' | 'copying' | 'current' | 'failing'
  readonly failure?: string | undefined
  readonly quota: number
  /** In bytes a second. */
  readonly rate?: number | undefined
  readonly schedule?: string | undefined
  /** When a copy that waits for its hours goes on. */
  readonly resumes?: number | undefined
  readonly since: number
  /** A standing order took it on. */
  readonly isByPolicy: boolean
  /** When the newest version was last asked for, with an answer. */
  readonly checked?: number | undefined
  /** What is here as a whole, and served. */
  readonly version?:
    | { readonly seq: number; readonly cid: string; readonly expires: number }
    | undefined
  readonly files: number
  readonly bytes: number
  /** Of the newest version that is known, 0 to 1. */
  readonly completeness: number
  /** Of the copy that is under way, or was the last. */
  readonly progress: MirrorProgress
  /** What its publisher says of this mirror; undefined before it is asked. */
  readonly agreement?: OfferedJson | undefined
  /** Sent to others since the start, in bytes. */
  readonly served: number
}

/** How it stands with the publisher. */
export interface OfferedJson {
  readonly state: 'offered' | 'checking' | 'listed' | 'refused' | 'unanswered' | 'away'
  readonly reason?: string | undefined
  /** When it answered, or did not. */
  readonly at: number
  /** Until when it lists this node, if that is not renewed. */
  readonly expires?: number | undefined
}

export interface MirrorProgress {
  readonly files: number
  readonly bytes: number
  readonly blocks: number
  readonly bytesHere: number
  readonly blocksHere: number
  /** The rest was here already. */
  readonly blocksFetched: number
}
