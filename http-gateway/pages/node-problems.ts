import {
  AmbiguousError,
  DisputedSuccessionError,
  LookupBusyError,
  LookupTimeoutError,
  NotFoundError,
  OfflineError,
  PinnedKeyError,
  RevokedKeyError,
  SucceededError,
  SuccessionError,
  UnansweredError,
  type Step,
  type VerifiedRecord
} from '../../discovery/index.ts'
import {
  fingerprintOf,
  formatAddress,
  formatFingerprint,
  formatLabel,
  type FullAddress
} from '../../identity/index.ts'
import {
  AnswerError,
  CertificateMismatchError,
  GatewayTimeoutError,
  UnreachableError
} from '../errors.ts'
import type { AddressForm } from '../hosts/decision.ts'
import type { Alternative, Problem } from './problem.ts'
import { internalError } from './request-problems.ts'

/** How the document was asked for, so that links lead to the same one at another node. */
export interface Asked {
  readonly form: AddressForm
  readonly scheme: string
  readonly port: string | undefined
  readonly path: string
}

// Seconds after which a network that was away is worth another try.
const OFFLINE_RETRY = '10'

const KNOWN = [
  { type: NotFoundError, status: 404, step: 'dht' },
  { type: UnansweredError, status: 502, step: 'dht' },
  { type: PinnedKeyError, status: 502, step: 'record' },
  { type: RevokedKeyError, status: 502, step: 'record' },
  { type: SuccessionError, status: 502, step: 'record' },
  { type: UnreachableError, status: 502, step: 'address' },
  { type: CertificateMismatchError, status: 502, step: 'certificate' },
  { type: AnswerError, status: 502, step: 'answer' },
  { type: OfflineError, status: 503, step: 'seed' },
  { type: LookupBusyError, status: 503, step: 'dht' },
  { type: LookupTimeoutError, status: 504, step: 'dht' },
  { type: GatewayTimeoutError, status: 504, step: 'answer' }
] as const

/** Why a document of another node cannot be shown; undefined fields of `error` are never shown to a client. */
export function nodeProblem(error: unknown, asked: Asked): Problem {
  if (error instanceof AmbiguousError) {
    return ambiguous(error, asked)
  }

  if (error instanceof DisputedSuccessionError) {
    return disputed(error, asked)
  }

  if (error instanceof SucceededError) {
    return succeeded(error, asked)
  }

  for (const { type, status, step } of KNOWN) {
    if (error instanceof type) {
      return {
        status,
        code: error.code,
        detail: error.message,
        advice: adviceFor(error.code),
        steps: error.trail,
        failedStep: step === 'certificate' ? step : (error.trail.findLast(isFailed)?.step ?? step),
        ...(status === 503 ? { fields: { 'Retry-After': OFFLINE_RETRY } } : {})
      }
    }
  }

  return internalError()
}

function isFailed({ outcome }: Step): boolean {
  return outcome === 'failed'
}

function ambiguous(error: AmbiguousError, asked: Asked): Problem {
  return {
    status: 300,
    code: error.code,
    detail: `${error.claims.length} nodes claim the UUID ${error.uuid}, and nothing that this node knows tells which of them you mean: none is pinned, and none is vouched for by someone whom you trust.`,
    advice: [
      'Compare the fingerprints with the one that the owner gave you, and follow the link to that node.',
      'Use the full address from now on: it carries the fingerprint, and nobody else can claim it.'
    ],
    alternatives: error.claims.map(claim => alternative(claim, asked)),
    steps: error.trail
  }
}

/** Each key has its own origin: what a browser keeps for the old one the new one does not see. */
function succeeded({ code, message, successor, trail }: SucceededError, asked: Asked): Problem {
  return {
    status: 307,
    code,
    detail: message,
    advice: ['Use the new address from now on.'],
    steps: trail,
    fields: { Location: hrefOf(successor, asked), 'Cache-Control': 'no-store' }
  }
}

/** Both are shown and neither is followed: one of them belongs to whoever stole the key. */
function disputed(
  { code, message, successors, trail }: DisputedSuccessionError,
  asked: Asked
): Problem {
  return {
    status: 409,
    code,
    detail: message,
    advice: [
      'Ask the owner, in person or by telephone, for the fingerprint of the new key, and follow the link to that node.',
      'If the key is yours, revoke it: that ends both.'
    ],
    alternatives: successors.map(successor => ({
      href: hrefOf(successor, asked),
      label: formatAddress(successor),
      fingerprint: 'so says the old key; compare it with what the owner tells you'
    })),
    steps: trail
  }
}

function alternative(claim: VerifiedRecord, asked: Asked): Alternative {
  return {
    href: hrefOf(claim.address, asked),
    label: formatAddress(claim.address),
    fingerprint: formatFingerprint(fingerprintOf(claim.certificate, 'sha256'))
  }
}

function hrefOf(address: FullAddress, { form, scheme, port, path }: Asked): string {
  const host = `${formatLabel(address)}.localhost${port === undefined ? '' : `:${port}`}`

  return form === 'label' ? `${scheme}://${host}${path}` : `/${formatAddress(address)}${path}`
}

function adviceFor(code: string): string[] {
  switch (code) {
    case 'PLEXNET_NOT_FOUND':
      return [
        'Compare the address with the one that you were given.',
        'If it is right, the node has not been on the network for some time; ask its owner.'
      ]
    case 'PLEXNET_UNANSWERED':
    case 'PLEXNET_UNREACHABLE':
      return [
        'Try again later: the node may be switched off for now.',
        'If it is yours, look at plexnet status there: whether its addresses are those by which others reach it.'
      ]
    case 'PLEXNET_PINNED_KEY':
      return [
        'Do not go round this check.',
        'Ask the owner of the node, by another way than this network, for the fingerprint of its certificate.',
        'If its key was replaced, take the new one: plexnet trust add <full address>'
      ]
    case 'PLEXNET_REVOKED':
    case 'PLEXNET_SUCCESSION':
      return [
        'Do not go round this check.',
        'Ask the owner of the node, by another way than this network, for its new address and the fingerprint.',
        'Then take it: plexnet trust add <full address>'
      ]
    case 'PLEXNET_CERTIFICATE_MISMATCH':
      return [
        'Do not go round this check.',
        'Try again in a few minutes: a node whose address has just changed publishes it anew by itself.',
        'If it stays so, ask the owner of the node, by another way than this network.'
      ]
    case 'PLEXNET_OFFLINE':
      return [
        'Check the network connection of this machine.',
        'Give the node a seed to start from: plexnet start --seed <address>'
      ]
    default:
      return ['Try again in a moment.', 'If it stays so, ask the owner of the node.']
  }
}
