/** What the command line can ask of a running node's trust. Times are milliseconds since the epoch, durations milliseconds. */
export interface TrustControl {
  /** Signs that a node is trusted; its fingerprint is compared where one is given. */
  add(request: TrustRequest): Promise<StatementJson[]>
  /** Takes trust back. */
  remove(address: string, domains: readonly string[]): Promise<StatementJson[]>
  list(): Promise<TrustList>
  /** Asks all who are accepted for what they say now. */
  refresh(): Promise<void>
  why(address: string, domain: string): Promise<TrustReason>
}

export interface TrustRequest {
  /** A full address, or a bare UUID together with a fingerprint. */
  readonly address: string
  /** Of the authority certificate, as printed or read aloud in words. */
  readonly fingerprint?: string | undefined
  readonly domains: readonly string[]
  /** 1–3 */
  readonly level: number
  readonly lifetime: number
  readonly isPrivate: boolean
}

export interface StatementJson {
  readonly address: string
  readonly domain: string
  readonly level: number
  readonly issued: number
  readonly expires: number
  readonly isPrivate: boolean
}

export interface TrustList {
  readonly own: readonly StatementJson[]
  /** All who are accepted, this node's friends and theirs, best first. */
  readonly accepted: readonly {
    readonly address: string
    readonly domain: string
    readonly level: number
    readonly score: number
  }[]
}

export interface TrustReason {
  readonly address: string
  readonly domain: string
  readonly level: number
  /** This node said so itself, or two paths of trust that share nobody lead there. */
  readonly isVouched: boolean
  readonly isOwn: boolean
  /** Addresses from this node to the other. */
  readonly paths: readonly (readonly string[])[]
}
