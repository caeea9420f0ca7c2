/** What `plexnet audits` asks of a running node. */
export interface AuditControl {
  list(): Promise<AuditsJson>
}

export interface AuditsJson {
  readonly mirrors: readonly AuditJson[]
  readonly incidents: readonly IncidentJson[]
}

/** How a mirror of a site stands after its audits by this node; times are ms since the epoch. */
export interface AuditJson {
  /** '<uuid>.<fp>'. */
  readonly site: string
  readonly mirror: string
  readonly state: 'new' | 'sound' | 'doubtful' | 'dropped'
  /** Audits that it passed. */
  readonly passed: number
  /** Blocks that were compared. */
  readonly challenges: number
  /** Why it was dropped. */
  readonly reason?: string | undefined
  /** The number of the record that it served when it was last asked. */
  readonly version?: number | undefined
  readonly last?:
    | {
        readonly at: number
        readonly outcome:
          | 'right'
          | 'lied'
          | 'wrong'
          | 'unsigned'
          | 'stale'
          | 'absent'
          | 'failed'
          | 'stalled'
        /** The node that asked; undefined for this one. */
        readonly through?: string | undefined
        readonly reason?: string | undefined
      }
    | undefined
}

/** A lie that a node's own signatures prove. */
export interface IncidentJson {
  readonly node: string
  /** By the clock of the liar, ms since the epoch. */
  readonly signed: number
  readonly what: string
}
