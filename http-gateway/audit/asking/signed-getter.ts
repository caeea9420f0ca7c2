import type { HttpGet } from '../../../overlay/content/fetch/index.ts'
import { ACCEPT_SIGNATURE, provableLie, type SignedAnswer } from '../../../overlay/audit/index.ts'

/** Where nodes stand by what they say: blocks, and records of sites. */
const SIGNED = /^\/(?:ipfs|\.well-known\/plexnet\/site)\//

/**
 * How nodes are asked for blocks: always for a signature, by readers and auditors alike, so that nobody can tell them apart.
 * `onLie` learns of answers that their own signature shows to be wrong.
 */
export function signedGetter(get: HttpGet, onLie: (answer: SignedAnswer) => void): HttpGet {
  return async (target, headers, signal) => {
    if (!SIGNED.test(target)) {
      return get(target, headers, signal)
    }

    const answer = await get(target, { ...headers, 'accept-signature': ACCEPT_SIGNATURE }, signal)
    const lie = provableLie({
      request: { method: 'GET', target },
      answer: { status: answer.status, fields: answer.headers }
    })

    if (lie !== undefined) {
      onLie(lie)
    }

    return answer
  }
}
