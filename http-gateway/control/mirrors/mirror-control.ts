/** What `plexnet mirror` asks of a running node. */
export interface MirrorControl {
  /** Mirrors a site from now on, or gives it another quota in bytes and another pace; the copy goes on after the answer. */
  add(address: string, quota: number, pace?: MirrorPaceJson): Promise<MirrorJson>
  /** Ends that, and removes the copy. */
  remove(address: string): Promise<MirrorJson>
  list(): Promise<MirrorJson[]>
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
