import type { CID } from 'multiformats/cid'
import { hash } from 'node:crypto'
import { verifiedField } from '../../http-gateway/verified/representation.ts'
import type { FullAddress } from '../../identity/index.ts'
import { documentTarget } from '../../overlay/audit/document/document-target.ts'
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

export interface DocumentAnswer {
  readonly site: FullAddress
  readonly path: readonly string[]
  readonly content: Uint8Array
  /** What its ETag says. */
  readonly cid: CID
  /** What it says of the version. */
  readonly root: CID
  readonly seq: number
  readonly range?: { readonly start: number; readonly end: number; readonly size: number }
  /** ms since the epoch */
  readonly time?: number
}

/** What a mirror signs of a document that it sends to any client. */
export function signedDocument(
  person: Person,
  { site, path, content, cid, root, seq, range, time = Date.now() }: DocumentAnswer
): SignedAnswer {
  return signedBy(person, documentTarget(site, path), content, {
    time,
    status: range == null ? 200 : 206,
    fields: {
      etag: `"${cid.toString()}"`,
      'plexnet-verified': verifiedField({ root: root.toString(), seq }),
      ...(range && { 'content-range': `bytes ${range.start}-${range.end - 1}/${range.size}` })
    }
  })
}
