import { formatAddress, readFullAddress, type FullAddress } from '../../identity/index.ts'

/** How a key ended: its node goes on under another, or nobody is to believe it any more. */
export type End =
  | { readonly kind: 'succeeded'; readonly successor: FullAddress }
  | { readonly kind: 'revoked' }

/** Nothing replaces a last word but a revocation, and nothing replaces that. */
export const REVOKED_SEQ: number = Number.MAX_SAFE_INTEGER
export const SUCCEEDED_SEQ: number = REVOKED_SEQ - 1

/** Nodes whose place one has taken: a key that is renewed every ten years. */
export const MAX_PREDECESSORS = 8

/** As they stand in a record. */
export interface SuccessionFields {
  readonly successor?: string
  readonly revoked?: true
  readonly predecessors?: readonly string[]
}

export interface Succession {
  readonly end?: End
  /** Nodes whose place this one took; it counts where they say so, too. */
  readonly predecessors?: readonly FullAddress[]
}

export function successionFields({ end, predecessors = [] }: Succession): SuccessionFields {
  return {
    ...(end?.kind === 'succeeded' ? { successor: formatAddress(end.successor) } : {}),
    ...(end?.kind === 'revoked' ? { revoked: true } : {}),
    ...(predecessors.length === 0
      ? {}
      : { predecessors: predecessors.map(address => formatAddress(address)) })
  }
}

/** What a record says of its key's end and of those before it; undefined where that is malformed. */
export function readSuccession(fields: Record<string, unknown>): Succession | undefined {
  const { successor, revoked, predecessors } = fields
  const end = readEnd(successor ?? undefined, revoked ?? undefined)
  const before = predecessors == null ? [] : readAddresses(predecessors)

  if (end === 'malformed' || before == null) return undefined

  return {
    ...(end == null ? {} : { end }),
    ...(before.length === 0 ? {} : { predecessors: before })
  }
}

/** The sequence number that a last record has, and no other; undefined for one that is not the last. */
export function endSeq(end: End | undefined): number | undefined {
  if (end == null) return undefined

  return end.kind === 'revoked' ? REVOKED_SEQ : SUCCEEDED_SEQ
}

function readEnd(successor: unknown, revoked: unknown): End | 'malformed' | undefined {
  if (successor === undefined && revoked === undefined) return undefined
  if (successor === undefined) return revoked === true ? { kind: 'revoked' } : 'malformed'
  if (revoked !== undefined) return 'malformed'

  const address = readAddress(successor)

  return address == null ? 'malformed' : { kind: 'succeeded', successor: address }
}

function readAddresses(value: unknown): FullAddress[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_PREDECESSORS) return undefined

  const addresses = value.flatMap(each => readAddress(each) ?? [])

  return addresses.length === value.length ? addresses : undefined
}

/** One address has one spelling. */
function readAddress(value: unknown): FullAddress | undefined {
  const address = typeof value === 'string' ? readFullAddress(value) : undefined

  return address != null && formatAddress(address) === value ? address : undefined
}
