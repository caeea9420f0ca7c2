import { hash, timingSafeEqual } from 'node:crypto'

/** What a request shows of who sends it. */
export interface Credentials {
  /** The Authorization field. */
  readonly authorization: string | undefined
  /** The client has shown a certificate; `owner` where this node’s own authority gave it to its owner. */
  readonly certificate: 'owner' | 'other' | undefined
  /** Nobody on the way can read the request: it comes over TLS or from this machine. */
  readonly isPrivate: boolean
  /** A script in a browser sends it. */
  readonly isFromPage: boolean
}

export type Standing = 'owner' | 'unknown' | 'wrong-token' | 'forbidden'

const BEARER = /^bearer +([0-9a-z._~+/-]+=*)$/i

/** Whether a request is its owner’s; `token` is undefined where none is set. */
export function standingOf(credentials: Credentials, token: string | undefined): Standing {
  const { authorization, certificate, isPrivate, isFromPage } = credentials

  if (authorization !== undefined) {
    // RFC 6750 section 5.3: whoever reads the token can use it.
    if (!isPrivate) {
      return 'forbidden'
    }

    const [, shown] = BEARER.exec(authorization) ?? []

    return token !== undefined && shown !== undefined && isSame(shown, token)
      ? 'owner'
      : 'wrong-token'
  }

  if (certificate === undefined) {
    return 'unknown'
  }

  // A browser shows the certificate for every page of this origin, and in the path form the pages of other nodes are among them.
  return certificate === 'owner' && !isFromPage ? 'owner' : 'forbidden'
}

/** In the same time for all texts, so that nobody finds the token letter by letter. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'))
}
