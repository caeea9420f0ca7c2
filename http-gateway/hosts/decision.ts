import { formatLabel } from '../../identity/index.ts'
import type { NamedRequest } from './named-request.ts'
import type { HostTable, Target } from './host-table.ts'

export interface Question {
  /** The Host field, or the authority of an absolute target. */
  readonly host: string
  /** Origin form: path and query. */
  readonly path: string
  readonly scheme: 'http' | 'https'
  /** The client runs on this machine. */
  readonly isLocal: boolean
  readonly publicGateway: boolean
  /** The client is a browser that opens a page and knows the names under `localhost`. */
  readonly canMoveToSubdomain: () => boolean
}

/** `label`: the node was named by the host; `path`: by the first segment. */
export type AddressForm = 'label' | 'path'

export type Decision =
  | { readonly kind: 'own'; readonly path: string }
  | {
      readonly kind: 'node'
      readonly target: Target
      readonly path: string
      readonly form: AddressForm
    }
  /** `path`, of a site that is mirrored here. */
  | { readonly kind: 'mirror'; readonly target: Target; readonly path: string }
  | { readonly kind: 'redirect'; readonly location: string }
  | ({ readonly kind: 'name' } & NamedRequest)
  | {
      readonly kind: 'refused'
      readonly reason: 'invalid' | 'foreign' | 'remote'
    }
  | { readonly kind: 'unreadable'; readonly reason: string }

const UUID_LENGTH = 36

/** What a request is for: the table of DESIGN section 8. */
export function decide(question: Question, table: HostTable): Decision {
  const meaning = table.host(question.host)

  if (meaning.kind === 'own') {
    return onOwnHost(question, table, meaning.port)
  }

  if (meaning.kind === 'unreadable') {
    return meaning
  }

  // Names are those of whoever sits at this machine.
  if (meaning.kind === 'name') {
    const { name, port } = meaning

    return question.isLocal
      ? { kind: 'name', name, port, scheme: question.scheme, path: question.path }
      : { kind: 'refused', reason: 'remote' }
  }

  if (meaning.kind !== 'node') {
    return { kind: 'refused', reason: meaning.kind }
  }

  return mayAsk(question)
    ? { kind: 'node', target: meaning.target, path: question.path, form: 'label' }
    : { kind: 'refused', reason: 'remote' }
}

function onOwnHost(question: Question, table: HostTable, port: string | undefined): Decision {
  const { path } = question
  const end = endOfSegment(path)
  const target = end > UUID_LENGTH ? table.segment(path.slice(1, end)) : undefined

  if (target === undefined) {
    return { kind: 'own', path }
  }

  if ('reason' in target) {
    return { kind: 'unreadable', reason: target.reason }
  }

  const rest = path.slice(end)

  // *.localhost is the client's own machine, so only a client on this one is sent there.
  if (question.isLocal && question.canMoveToSubdomain()) {
    return { kind: 'redirect', location: subdomain(question.scheme, target, port, rest) }
  }

  if (!rest.startsWith('/')) {
    return { kind: 'redirect', location: `${path.slice(0, end)}/${rest}` }
  }

  if (table.isOwn(target)) {
    return { kind: 'own', path: rest }
  }

  if (table.isMirrored(target)) {
    return { kind: 'mirror', target, path: rest }
  }

  return mayAsk(question)
    ? { kind: 'node', target, path: rest, form: 'path' }
    : { kind: 'refused', reason: 'remote' }
}

function mayAsk({ isLocal, publicGateway }: Question): boolean {
  return isLocal || publicGateway
}

function subdomain(scheme: string, target: Target, port: string | undefined, rest: string): string {
  const path = rest.startsWith('/') ? rest : `/${rest}`

  return `${scheme}://${formatLabel(target.address)}.localhost${port === undefined ? '' : `:${port}`}${path}`
}

function endOfSegment(path: string): number {
  const slash = path.indexOf('/', 1)
  const query = path.indexOf('?')

  return Math.min(slash < 0 ? path.length : slash, query < 0 ? path.length : query)
}
