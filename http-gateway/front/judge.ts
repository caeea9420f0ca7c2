import type { IncomingHttpHeaders } from 'node:http'
import { parseAuthority } from '../hosts/authority.ts'
import { decide, type AddressForm, type Decision } from '../hosts/decision.ts'
import type { HostTable, Target } from '../hosts/host-table.ts'
import { canMoveToSubdomain } from '../hosts/navigation.ts'
import type { NamedRequest } from '../hosts/named-request.ts'
import type { Problem } from '../pages/problem.ts'
import {
  badRequest,
  foreignHost,
  loopDetected,
  notForRemoteClients,
  targetTooLong,
  unreadableAddress,
  versionUnknown
} from '../pages/request-problems.ts'
import { expectationProblem, framingProblem } from './framing.ts'
import { hasPassed } from '../upstream/via.ts'

/** A request as it came off the wire. */
export interface RequestHead {
  readonly method: string
  readonly target: string
  readonly majorVersion: number
  readonly minorVersion: number
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly scheme: 'http' | 'https'
  /** The client runs on this machine. */
  readonly isLocal: boolean
}

export interface Rules {
  readonly hosts: HostTable
  readonly pseudonym: string
  readonly publicGateway: boolean
  readonly maxTargetLength: number
  /** Fetch documents of the web for clients on this machine. */
  readonly forwardProxy: boolean
  /** On which this node listens. */
  readonly ports: () => readonly number[]
}

export type Verdict =
  | { readonly kind: 'own'; readonly path: string }
  | {
      readonly kind: 'node'
      readonly target: Target
      readonly path: string
      readonly form: AddressForm
      readonly host: string
    }
  | {
      readonly kind: 'mirror'
      readonly target: Target
      readonly path: string
      readonly host: string
      /** A client of this machine may have what is not mirrored, too. */
      readonly mayAsk: boolean
    }
  | { readonly kind: 'redirect'; readonly location: string }
  | ({ readonly kind: 'name' } & NamedRequest)
  | {
      readonly kind: 'web'
      readonly scheme: 'http' | 'https'
      readonly authority: string
      readonly path: string
    }
  | { readonly kind: 'options' }
  | { readonly kind: 'problem'; readonly problem: Problem }

/** The path of a request for the own site. */
export function ownPath(verdict: Verdict): string | undefined {
  return verdict.kind === 'own' ? verdict.path : undefined
}

const HTTP_PORT = 80
const ABSOLUTE = /^(https?):\/\/([^/?#]*)(.*)$/i

/** What is to be done with a request, before anything else looks at it. */
export function judge(head: RequestHead, rules: Rules): Verdict {
  const { target, headers } = head

  if (target.length > rules.maxTargetLength) {
    return refuse(targetTooLong(rules.maxTargetLength))
  }

  if (head.majorVersion !== 1) {
    return refuse(versionUnknown())
  }

  // A fragment is the client's own (RFC 9112 section 3.2); others would read such a target differently.
  if (target.includes('#')) {
    return refuse(badRequest('The target of the request contains a fragment.'))
  }

  const unreadable = framingProblem(head) ?? expectationProblem(head)

  if (unreadable !== undefined) {
    return refuse(unreadable)
  }

  const hosts = countHosts(head.rawHeaders)

  if (hosts > 1 || (hosts === 0 && head.minorVersion > 0)) {
    return refuse(badRequest('A request of HTTP/1.1 names its Host once.'))
  }

  if (hasPassed(headers.via, rules.pseudonym)) {
    return refuse(loopDetected())
  }

  // A client of HTTP/1.0 that names no host can only mean this one.
  const host = hosts === 0 ? 'localhost' : (headers.host ?? '')

  if (target.startsWith('/')) {
    return place(head, rules, host, target)
  }

  if (target === '*' && head.method === 'OPTIONS') {
    return { kind: 'options' }
  }

  const [, scheme, authority, rest = ''] = ABSOLUTE.exec(target) ?? []

  // RFC 9112 section 3.2: so is a Host that is none, even where it does not count.
  if (parseAuthority(host) === undefined) {
    return refuse(refusal('invalid', host))
  }

  if (authority === undefined) {
    return refuse(badRequest('The target of the request is no path and no http address.'))
  }

  const path = rest.startsWith('/') ? rest : `/${rest}`

  if (rules.forwardProxy && head.isLocal && isElsewhere(authority, rules)) {
    const isTls = scheme?.toLowerCase() === 'https'

    return { kind: 'web', scheme: isTls ? 'https' : 'http', authority, path }
  }

  // RFC 9112 section 3.2.2: the authority of an absolute target stands for the Host field.
  return place(head, rules, authority, path)
}

/** Whether the authority of an absolute target is that of another server: by its name, or, for an address of any machine, by its port. */
function isElsewhere(authority: string, { hosts, ports }: Rules): boolean {
  const meaning = hosts.host(authority)
  const asked = parseAuthority(authority)

  if (meaning.kind === 'foreign') {
    return true
  }

  return (
    meaning.kind === 'own' &&
    (asked?.isAddress === true || (asked?.name === 'localhost' && asked.port !== undefined)) &&
    !ports().includes(Number(asked.port ?? HTTP_PORT))
  )
}

function place(head: RequestHead, rules: Rules, host: string, path: string): Verdict {
  const decision = decide(
    {
      host,
      path,
      scheme: head.scheme,
      isLocal: head.isLocal,
      publicGateway: rules.publicGateway,
      canMoveToSubdomain: () => canMoveToSubdomain(head.headers)
    },
    rules.hosts
  )

  if (decision.kind === 'node') {
    return { ...decision, host }
  }

  if (decision.kind === 'mirror') {
    return { ...decision, host, mayAsk: head.isLocal || rules.publicGateway }
  }

  if (decision.kind === 'unreadable') {
    return refuse(unreadableAddress(decision.reason))
  }

  return decision.kind === 'refused' ? refuse(refusal(decision.reason, host)) : decision
}

function refusal(reason: Extract<Decision, { kind: 'refused' }>['reason'], host: string): Problem {
  if (reason === 'invalid') {
    return badRequest('The Host of the request is no host name and no address.')
  }

  return reason === 'foreign' ? foreignHost(host) : notForRemoteClients()
}

function refuse(problem: Problem): Verdict {
  return { kind: 'problem', problem }
}

// Node keeps the first of several in `headers`.
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0

  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]

    if (name?.length === 4 && name.toLowerCase() === 'host') {
      count++
    }
  }

  return count
}
