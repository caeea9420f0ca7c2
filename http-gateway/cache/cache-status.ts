/** Why a request went to the origin (RFC 9211 section 2.2). */
export type Forwarded =
  | 'bypass'
  | 'method'
  | 'uri-miss'
  | 'vary-miss'
  | 'request'
  | 'stale'
  | 'partial'

export interface Outcome {
  readonly fwd?: Forwarded
  readonly fwdStatus?: number
  readonly stored?: boolean
  readonly collapsed?: boolean
  readonly detail?: string
}

const NAME = 'plexnet'

/** A Cache-Status member for a response out of the store with this many seconds of freshness left (RFC 9211). */
export function hitStatus(ttl: number, detail?: string): string {
  return `${NAME}; hit; ttl=${Math.trunc(ttl)}${detail === undefined ? '' : `; detail=${detail}`}`
}

/** A Cache-Status member for a response that came from the origin, or was confirmed by it. */
export function forwardStatus({
  fwd = 'uri-miss',
  fwdStatus,
  stored,
  collapsed,
  detail
}: Outcome): string {
  return [
    NAME,
    `fwd=${fwd}`,
    ...(fwdStatus === undefined ? [] : [`fwd-status=${fwdStatus}`]),
    ...(stored === true ? ['stored'] : []),
    ...(collapsed === true ? ['collapsed'] : []),
    ...(detail === undefined ? [] : [`detail=${detail}`])
  ].join('; ')
}
