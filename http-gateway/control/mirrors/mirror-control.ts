/** What `plexnet mirror` asks of a running node. */
export interface MirrorControl {
  /** Mirrors a site from now on, or gives it another quota in bytes; the copy goes on after the answer. */
  add(address: string, quota: number): Promise<MirrorJson>
  /** Ends that, and removes the copy. */
  remove(address: string): Promise<MirrorJson>
  list(): Promise<MirrorJson[]>
}

/** How a mirrored site stands; times are ms since the epoch, sizes bytes. */
export interface MirrorJson {
  /** '<uuid>.<fp>'. */
  readonly address: string
  readonly state: 'waiting' | 'copying' | 'current' | 'failing'
  readonly failure?: string | undefined
  readonly quota: number
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
