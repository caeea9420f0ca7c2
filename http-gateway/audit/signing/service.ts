import type { IncomingMessage } from 'node:http'
import type * as Audit from '../../../overlay/audit/index.ts'

/** An answer that is about to be sent. */
export interface Signable {
  readonly status: number
  /** Names and values in turn. */
  readonly fields: readonly string[]
  readonly content: Uint8Array
}

/**
 * The fields by which a node stands by an answer, names and values in turn; none where the request asks for others, or, unless `isUnasked`, for
 * none.
 */
export type SignAnswer = (
  request: IncomingMessage,
  answer: Signable,
  options?: { readonly isUnasked?: boolean }
) => Promise<readonly string[]>

/** Signs answers with the node's libp2p key, which its record binds to it (RFC 9421); loaded when somebody first asks. */
export function answerSigning(
  open: (() => Promise<Audit.AnswerSigner>) | undefined
): SignAnswer | undefined {
  if (open === undefined) {
    return undefined
  }

  let parts: Promise<readonly [typeof Audit, Audit.AnswerSigner]> | undefined

  return async ({ method = '', url = '', headers }, answer, { isUnasked = false } = {}) => {
    const field = headers['accept-signature']

    if (typeof field !== 'string' && !isUnasked) {
      return []
    }

    parts ??= Promise.all([import('../../../overlay/audit/index.ts'), open()])

    const [audit, signer] = await parts
    const asked = typeof field === 'string' ? field : audit.ACCEPT_SIGNATURE

    return sign(audit, signer, { method, target: url, asked }, answer)
  }
}

function sign(
  { answerSignature, contentDigest, sha256Of }: typeof Audit,
  signer: Audit.AnswerSigner,
  { method, target, asked }: { method: string; target: string; asked: string },
  { status, fields, content }: Signable
): string[] {
  const now = Date.now()
  // Node would add the date too late for it to be signed.
  const signed = [
    'Date',
    new Date(now).toUTCString(),
    'Content-Digest',
    contentDigest(sha256Of(content))
  ]
  const message = {
    request: { method, target },
    answer: { status, fields: byName([...fields, ...signed]) }
  }
  const signature = answerSignature(signer, message, asked, now)

  return signature.length === 0 ? [] : [...signed, ...signature]
}

function byName(fields: readonly string[]): Record<string, string> {
  const named: Record<string, string> = {}

  for (let index = 0; index < fields.length; index += 2) {
    named[(fields[index] ?? '').toLowerCase()] = fields[index + 1] ?? ''
  }

  return named
}
