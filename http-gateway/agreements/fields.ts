import {
  parseItem,
  serializeItem,
  serializeList,
  Token,
  type BareItem,
  type InnerList
} from 'structured-headers'
import {
  isMirrorUri,
  MAX_TOLD,
  type ListedMirror,
  type RefusalReason
} from '../../overlay/agreements/index.ts'
import { formatAddress, readFullAddress, type FullAddress } from '../../identity/index.ts'

const MS_PER_SECOND = 1000

// What is asked for where nothing is said, in seconds and bytes.
const DEFAULT_TTL = 86_400

// In characters: a URI, an address and a prefix at their bounds.
const MAX_FIELD = 4096

const PREFIX = /^\/(?:[!$&-.0-;=@-Z_a-z~]|%[0-9A-F]{2}|\/(?!\/))*$/i

/** What a Will-Mirror field of a request offers. */
export interface OfferField {
  /** What stands there in place of the prefix. */
  readonly uri: string
  /** The node that offers it; undefined for a server that is none. */
  readonly by: FullAddress | undefined
  readonly prefix: string
  /** In ms; 0 takes the offer back. */
  readonly ttl: number
  /** In bytes. */
  readonly quota: number
}

/** The answer in the Will-Mirror field of a response. */
export type OfferAnswer =
  | { readonly kind: 'accepted'; readonly ttl: number; readonly state: string }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'refused'; readonly reason: string }

/** A Will-Mirror request field (RFC 9651, an Item): `"https://…/";ttl=86400;quota=1073741824;by="<uuid>.<fp>"`; undefined where it is none. */
export function readOffer(field: string): OfferField | undefined {
  const [uri, parameters] = readItem(field) ?? []

  if (typeof uri !== 'string' || parameters === undefined || !isMirrorUri(uri)) return undefined

  const ttl = wholeNumber(parameters.get('ttl') ?? DEFAULT_TTL)
  const quota = wholeNumber(parameters.get('quota') ?? 0)
  const prefix = parameters.get('prefix') ?? '/'
  const by = parameters.get('by')
  const node = typeof by === 'string' ? readFullAddress(by) : undefined

  return ttl === undefined ||
    quota === undefined ||
    typeof prefix !== 'string' ||
    !isPrefix(prefix) ||
    (by !== undefined && node === undefined)
    ? undefined
    : { uri, by: node, prefix, ttl: ttl * MS_PER_SECOND, quota }
}

/** The same as it is sent. */
export function writeOffer({ uri, by, prefix, ttl, quota }: OfferField): string {
  return serializeItem([
    uri,
    new Map<string, BareItem>([
      ['ttl', Math.floor(ttl / MS_PER_SECOND)],
      ['quota', quota],
      ...(by === undefined ? [] : [['by', formatAddress(by)] as const]),
      ...(prefix === '/' ? [] : [['prefix', prefix] as const])
    ])
  ])
}

/** A Will-Mirror response field; undefined where it cannot be read. */
export function readAnswer(field: string): OfferAnswer | undefined {
  const [token, parameters] = readItem(field) ?? []
  const ttl = wholeNumber(parameters?.get('ttl'))
  const state = parameters?.get('state')
  const reason = parameters?.get('reason')

  switch (token?.toString()) {
    case 'accepted':
      return ttl === undefined
        ? undefined
        : { kind: 'accepted', ttl: ttl * MS_PER_SECOND, state: state?.toString() ?? 'listed' }
    case 'withdrawn':
      return { kind: 'withdrawn' }
    case 'refused':
      return { kind: 'refused', reason: reason?.toString() ?? 'unknown' }
    default:
      return undefined
  }
}

/** `accepted;ttl=86400;state=listed`, `withdrawn`, `refused;reason=quota`. */
export function writeAnswer(
  answer: OfferAnswer | { readonly kind: 'refused'; readonly reason: RefusalReason }
): string {
  const parameters = new Map<string, BareItem>()

  if (answer.kind === 'accepted') {
    parameters.set('ttl', Math.floor(answer.ttl / MS_PER_SECOND))
    parameters.set('state', new Token(answer.state))
  } else if (answer.kind === 'refused') {
    parameters.set('reason', new Token(answer.reason))
  }

  return serializeItem([new Token(answer.kind), parameters])
}

/**
 * The map from what is here to where else it is: for each prefix an inner list, of the prefix and its mirrors. `node` says by whose certificate a
 * mirror is known, `kind=web` that it is an ordinary server.
 */
export function writeMap(mirrors: readonly ListedMirror[]): string | undefined {
  const prefixes = Map.groupBy(
    mirrors.filter(({ uris }) => uris.length > 0).slice(0, MAX_TOLD),
    ({ prefix }) => prefix
  )
  const lists = [...prefixes].map(([prefix, members]): InnerList => [
    [[prefix, new Map()], ...members.flatMap(itemsOf)],
    new Map()
  ])

  return lists.length === 0 ? undefined : serializeList(lists)
}

function itemsOf({ uris, node, priority }: ListedMirror): [string, Map<string, BareItem>][] {
  return uris.map(uri => [
    uri,
    new Map<string, BareItem>([
      ['pri', priority],
      ...(node === undefined ? [] : [['node', formatAddress(node)] as const])
    ])
  ])
}

/** A path that begins and ends with a slash, and names nothing above itself. */
export function isPrefix(text: string): boolean {
  return (
    PREFIX.test(text) &&
    text.endsWith('/') &&
    !text.split('/').some(segment => /^(?:\.|%2e){1,2}$/i.test(segment))
  )
}

function readItem(field: string): [BareItem, Map<string, BareItem>] | undefined {
  if (field.length > MAX_FIELD) return undefined

  try {
    return parseItem(field)
  } catch {
    return undefined
  }
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
