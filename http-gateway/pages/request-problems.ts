import type { Problem } from './problem.ts'

/** What this server answers to on its own names. */
export const ALLOWED_METHODS = 'GET, HEAD, OPTIONS, PUT, POST, DELETE'

/** What it answers to where documents cannot be added, or not by the one who asks. */
export const DOCUMENT_METHODS = 'GET, HEAD, OPTIONS, PUT, DELETE'

/** What it answers to at a path: documents are added to folders. */
export function methodsAt(target: string): string {
  return /^[^?]*\/(?:\?|$)/.test(target) ? ALLOWED_METHODS : DOCUMENT_METHODS
}

export function badRequest(detail: string): Problem {
  return {
    status: 400,
    code: 'PLEXNET_BAD_REQUEST',
    detail,
    advice: ['Check the address for typing errors.']
  }
}

export function unreadableAddress(reason: string): Problem {
  return {
    status: 400,
    code: 'PLEXNET_INVALID_ADDRESS',
    detail: `The address of a node cannot be read. ${reason}`,
    advice: [
      'A node’s address is its UUID, or better its UUID and the 26 characters of its fingerprint: <uuid>.<fingerprint>, in host names <uuid>-<fingerprint>.',
      'Copy the address again from where it came, whole.'
    ]
  }
}

export function foreignHost(host: string): Problem {
  return {
    status: 421,
    code: 'PLEXNET_FOREIGN_HOST',
    detail: `This node does not answer for the host ${host}.`,
    advice: [
      'Open http://localhost:8010/, or the address of a node: http://<uuid>-<fingerprint>.localhost:8010/.',
      'If the name is meant to lead here, its owner sets it as node.host in the configuration.'
    ]
  }
}

export function notForRemoteClients(): Problem {
  return {
    status: 403,
    code: 'PLEXNET_NOT_A_PUBLIC_GATEWAY',
    detail:
      'This node fetches the sites of other nodes only for programs on its own machine, and your request comes from another one.',
    advice: [
      'Run a Plexnet node of your own and open the address there.',
      'The owner of this node can let others use it as their gateway: publicGateway = true.'
    ]
  }
}

export function targetTooLong(limit: number): Problem {
  return {
    status: 414,
    code: 'PLEXNET_TARGET_TOO_LONG',
    detail: `The address in the request is longer than ${limit} bytes.`,
    advice: ['Shorten the path or the query.']
  }
}

export function methodNotAllowed(method: string, allowed = ALLOWED_METHODS): Problem {
  return {
    status: 405,
    code: 'PLEXNET_METHOD_NOT_ALLOWED',
    detail: `The method ${method} is not allowed here; ${allowed} are.`,
    advice: ['Use one of the methods that are allowed.'],
    fields: { Allow: allowed }
  }
}

export function methodUnknown(method: string): Problem {
  return {
    status: 501,
    code: 'PLEXNET_METHOD_UNKNOWN',
    detail: `This server does not know the method ${method}.`,
    advice: [`Use one of the methods that it knows: ${ALLOWED_METHODS}.`]
  }
}

export function codingUnknown(coding: string): Problem {
  return {
    status: 501,
    code: 'PLEXNET_CODING_UNKNOWN',
    detail: `This server does not decode the transfer coding ${coding}.`,
    advice: ['Send the content with Content-Length, or chunked and nothing else.']
  }
}

export function expectationUnknown(): Problem {
  return {
    status: 417,
    code: 'PLEXNET_EXPECTATION_UNKNOWN',
    detail: 'The only expectation that this server knows is 100-continue.',
    advice: ['Send the request without Expect.']
  }
}

/** What a registered handler, or the reading of its content, refuses. */
export function refusedByHandler(status: number, detail: string): Problem {
  return {
    status,
    code: 'PLEXNET_REFUSED',
    detail,
    advice: ['Change the request as the sentence above says.']
  }
}

export function notAcceptable(): Problem {
  return {
    status: 406,
    code: 'PLEXNET_NOT_ACCEPTABLE',
    detail: 'The document exists in none of the content codings that the request accepts.',
    advice: ['Accept it without a coding: leave out identity;q=0 and *;q=0 in Accept-Encoding.'],
    fields: { Vary: 'Accept-Encoding' }
  }
}

export function versionUnknown(): Problem {
  return {
    status: 505,
    code: 'PLEXNET_HTTP_VERSION',
    detail: 'This server speaks HTTP/1.1 and HTTP/1.0.',
    advice: ['Use HTTP/1.1.']
  }
}

export function loopDetected(): Problem {
  return {
    status: 508,
    code: 'PLEXNET_LOOP',
    detail:
      'The request has come through this node before: somewhere on the way it is sent back here instead of being answered.',
    advice: [
      'The node that was asked for, or a proxy in front of it, forwards to the wrong place. Tell its owner.'
    ]
  }
}

export function internalError(): Problem {
  return {
    status: 500,
    code: 'PLEXNET_INTERNAL',
    detail: 'This node has failed on the request. The reason stands in its log.',
    advice: ['Try again. If it stays so, send the log to those who maintain the software.']
  }
}

export function notPublished(path: string): Problem {
  return {
    status: 404,
    code: 'PLEXNET_NO_DOCUMENT',
    detail: `There is no document at ${path} on this site.`,
    advice: ['Check the address for typing errors.', 'Start from the first page of the site: /']
  }
}

export function nothingPublishedYet(): Problem {
  return {
    status: 404,
    code: 'PLEXNET_NOTHING_PUBLISHED',
    detail: 'The node runs well, but nothing is published here yet.',
    advice: [
      'If this is your node, publish a folder: plexnet publish ./site',
      'If it is somebody else’s, come back later.'
    ]
  }
}

export function unavailable(what: string): Problem {
  return {
    status: 503,
    code: 'PLEXNET_NOT_READY',
    detail: `This node has no ${what} yet: it has just been started, or its authority key has not been unlocked since the last one expired.`,
    advice: ['Try again in a moment.', 'The node’s owner sees the reason with plexnet status.'],
    fields: { 'Retry-After': '5' }
  }
}
