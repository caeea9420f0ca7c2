import { SourceError } from '../../../overlay/content/fetch/index.ts'
import {
  AnswerError,
  CertificateMismatchError,
  GatewayTimeoutError,
  UnreachableError
} from '../../errors.ts'
import { explain } from '../connection/failure.ts'
import { errorCode } from '../../../identity/index.ts'

// Addresses of a node that are told.
const MAX_TOLD = 3

/** A source leads to an address that is not on the public internet. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError'
  readonly code = 'PLEXNET_FORBIDDEN_ADDRESS'

  constructor(address: string) {
    super(
      `leads to ${address}, which is no address on the public internet, and is not asked; content.private_sources = true allows it`
    )
  }
}

/** Why a source gave no answer, as the rest of a sentence that begins with its name. */
export function sourceFailure(error: unknown): SourceError {
  if (error instanceof GatewayTimeoutError) {
    return new SourceError('stalled', 'did not answer in time', { cause: error })
  }

  return new SourceError('failed', phraseOf(error), { cause: error })
}

function phraseOf(error: unknown): string {
  if (error instanceof CertificateMismatchError) {
    return 'is not what answers at its address: the certificate is that of somebody else'
  }

  if (error instanceof ForbiddenAddressError) {
    return error.message
  }

  if (error instanceof UnreachableError) {
    return `cannot be reached. ${triedOf(error)}`.trim()
  }

  if (error instanceof AnswerError) {
    return 'was reached and gave no usable answer'
  }

  const cause = errorCode(error)

  // Codes of this network stand for whole sentences, which say no more than this.
  return typeof cause === 'string' && !cause.startsWith('PLEXNET_')
    ? `cannot be reached: ${explain(error)}`
    : 'cannot be reached'
}

/** The addresses that were tried in vain. */
function triedOf({ trail }: UnreachableError): string {
  return trail
    .filter(({ step, outcome }) => step === 'address' && outcome === 'failed')
    .slice(0, MAX_TOLD)
    .map(({ detail }) => detail.replace(/\.$/, ''))
    .join('; ')
}
