import { blockAsked } from '../block-target.ts'
import { lieOf } from '../incident/lie.ts'
import type { MessageHead } from '../message-signature/message.ts'
import { contentDigest } from './content-digest.ts'
import { readAnswer, receivedAnswer, type SignedAnswer } from './signed-answer.ts'

/**
 * The signature of an answer by which its node can be shown to have lied, undefined for all others; whether it is the node's is
 * for `makeIncident` to check. Looks at no more than two strings where the answer is right.
 */
export function provableLie(message: MessageHead): SignedAnswer | undefined {
  const digest = message.answer?.fields['content-digest']

  if (typeof digest !== 'string' || isRight(message.request.target, digest)) return undefined

  const answer = receivedAnswer(message)
  const statement = answer && readAnswer(answer)

  return statement != null && lieOf([statement]) != null ? answer : undefined
}

function isRight(target: string, digest: string): boolean {
  const cid = blockAsked(target)

  return cid == null || contentDigest(cid.multihash.digest) === digest
}
