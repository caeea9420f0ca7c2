import type { Problem } from '../pages/problem.ts'
import type { Standing } from './authorization.ts'
import type { DigestFieldError, DigestMismatchError } from './errors.ts'
import { errorCode } from '../../identity/index.ts'

const REALM = 'Bearer realm="Plexnet"'

/** Why only the owner may change the site. */
export function notTheOwner(standing: Exclude<Standing, 'owner'>): Problem {
  return standing === 'forbidden'
    ? {
        status: 403,
        code: 'PLEXNET_NOT_THE_OWNER',
        detail:
          'Only the owner may change this site, and what the request shows does not count: a token over a connection that others can read, a certificate of somebody else, or the owner’s certificate used by a script in a page.',
        advice: [
          'Send the token over https, or from the node’s own machine.',
          'Scripts in a page need the token; the certificate alone is not enough for them.'
        ]
      }
    : {
        status: 401,
        code: standing === 'unknown' ? 'PLEXNET_OWNER_ONLY' : 'PLEXNET_WRONG_TOKEN',
        detail:
          standing === 'unknown'
            ? 'Only the owner may change this site.'
            : 'The token of the request is not the owner’s.',
        advice: [
          'Send the owner’s token: Authorization: Bearer <token>.',
          'Or show the owner’s client certificate on the https port.'
        ],
        fields: {
          'WWW-Authenticate': standing === 'unknown' ? REALM : `${REALM}, error="invalid_token"`
        }
      }
}

export function stateDiffers(): Problem {
  return {
    status: 412,
    code: 'PLEXNET_PRECONDITION_FAILED',
    detail: 'The document is not in the state that the request requires, and stays as it is.',
    advice: ['Fetch the document again and start from its present state.']
  }
}

export function partOfDocument(): Problem {
  return {
    status: 400,
    code: 'PLEXNET_PARTIAL_CONTENT',
    detail: 'A document is replaced as a whole; Content-Range has no meaning here.',
    advice: ['Send the whole document without Content-Range.']
  }
}

export function codedContent(): Problem {
  return {
    status: 415,
    code: 'PLEXNET_CODED_CONTENT',
    detail: 'Documents are stored as they are sent, so that their content must not be coded.',
    advice: ['Send the content without Content-Encoding.'],
    fields: { 'Accept-Encoding': 'identity' }
  }
}

export function formContent(): Problem {
  return {
    status: 415,
    code: 'PLEXNET_FORM_CONTENT',
    detail: 'A form was sent where a document is stored as it comes.',
    advice: [
      'Send the document itself as the content of the request, with its own Content-Type.',
      'Forms are for request handlers to read.'
    ]
  }
}

export function digestUnreadable({ message }: DigestFieldError): Problem {
  return {
    status: 400,
    code: 'PLEXNET_DIGEST_UNREADABLE',
    detail: message,
    advice: ['Leave the field out where nothing is to be checked.']
  }
}

export function digestMismatch({ field, algorithm }: DigestMismatchError): Problem {
  return {
    status: 400,
    code: 'PLEXNET_DIGEST_MISMATCH',
    detail: `The content that arrived does not have the ${algorithm} digest that ${field} names, and the site stays as it was.`,
    advice: [
      'Send it again; if it fails again, something on the way changes it, or the digest is of something else.'
    ]
  }
}

export function contentTooLarge(limit: number): Problem {
  return {
    status: 413,
    code: 'PLEXNET_CONTENT_TOO_LARGE',
    detail: `The content is larger than ${limit} bytes, and the document stays as it was.`,
    advice: ['Send a smaller document, or copy it into the folder of the site yourself.'],
    fields: { Connection: 'close' }
  }
}

export function nameConflicts(): Problem {
  return {
    status: 409,
    code: 'PLEXNET_NAME_CONFLICTS',
    detail:
      'No document can have this name: a folder has it, a file stands where a folder would have to be, or no folder is published.',
    advice: ['Choose another name.', 'Publish a folder first: plexnet publish ./site']
  }
}

export function nameForbidden(): Problem {
  return {
    status: 403,
    code: 'PLEXNET_NAME_FORBIDDEN',
    detail: 'No document of the site can have this name, or the folder may not be written to.',
    advice: ['Choose a name that does not begin with a dot and does not lead out of the folder.']
  }
}

export function brokenOff(): Problem {
  return {
    status: 400,
    code: 'PLEXNET_BROKEN_OFF',
    detail: 'The content did not arrive whole, and the document stays as it was.',
    advice: ['Send it again.']
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const CONFLICT = new Set(['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'])
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS', 'ELOOP', 'ENAMETOOLONG'])

/** What a failure of the file system means to the client; undefined for what only the log can explain. */
export function diskProblem(error: unknown): Problem | undefined {
  const code = errorCode(error) ?? ''

  if (FULL.has(code)) {
    return {
      status: 507,
      code: 'PLEXNET_DISK_FULL',
      detail: 'The node’s disk has no room for the content, and the document stays as it was.',
      advice: ['Make room on the node’s machine and send it again.']
    }
  }

  if (CONFLICT.has(code)) {
    return nameConflicts()
  }

  return FORBIDDEN.has(code) ? nameForbidden() : undefined
}
