import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import type { MessageHead } from '../message-signature/message.ts'
import { signatureFields, signMessage } from '../message-signature/sign.ts'
import { ANSWER_COMPONENTS, ANSWER_TAG, labelAsked } from './terms.ts'

/** By whom answers are signed. */
export interface AnswerSigner {
  readonly address: FullAddress
  /** Ed25519, by the key that the node's record names. */
  readonly sign: (message: Uint8Array) => Uint8Array
}

/**
 * The fields that sign an answer, names and values in turn; none where `asked`, the Accept-Signature of the request, asks for
 * something else. `now` is ms since the epoch.
 */
export function answerSignature(
  { address, sign }: AnswerSigner,
  message: MessageHead,
  asked: string,
  now: number
): string[] {
  const label = labelAsked(asked)

  if (label == null) return []

  const parameters = `;created=${Math.floor(now / 1000)};keyid="${formatAddress(address)}";alg="ed25519";tag="${ANSWER_TAG}"`
  const signature = signMessage(message, ANSWER_COMPONENTS, parameters, sign)

  return signature == null ? [] : signatureFields(label, signature)
}
