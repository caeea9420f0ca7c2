import { hash } from 'node:crypto'
import { ed25519Signer } from '../../overlay/content/index.ts'
import { answerSignature } from '../../overlay/audit/signed-answer/answer-signer.ts'
import { contentDigest } from '../../overlay/audit/signed-answer/content-digest.ts'
import {
  receivedAnswer,
  type SignedAnswer
} from '../../overlay/audit/signed-answer/signed-answer.ts'
import { ACCEPT_SIGNATURE } from '../../overlay/audit/signed-answer/terms.ts'
import type { Person } from './identities.ts'

export interface AnswerChanges {
  readonly method?: string
  readonly status?: number
  readonly fields?: Readonly<Record<string, string>>
  /** ms since the epoch */
  readonly time?: number
}

/** What a node signs of its answer with `content` to a GET for `target`, as it comes. */
export function signedBy(
  { identity }: Person,
  target: string,
  content: Uint8Array,
  { method = 'GET', status = 200, fields = {}, time = Date.now() }: AnswerChanges = {}
): SignedAnswer {
  const message = {
    request: { method, target },
    answer: {
      status,
      fields: {
        'content-digest': contentDigest(hash('sha256', content, 'buffer')),
        date: new Date(time).toUTCString(),
        ...fields
      }
    }
  }
  const signer = {
    address: identity.address,
    sign: ed25519Signer(identity.libp2pKey.seed)
  }
  const [, input = '', , signature = ''] = answerSignature(signer, message, ACCEPT_SIGNATURE, time)
  const answer = receivedAnswer({
    ...message,
    answer: {
      status,
      fields: { ...message.answer.fields, 'signature-input': input, signature }
    }
  })

  if (answer == null) throw new Error('The answer was not signed.')

  return answer
}
