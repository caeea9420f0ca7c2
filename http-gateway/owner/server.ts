import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import type { SiteUploaded } from '../events/messages.ts'
import { askForContent } from '../front/server.ts'
import type { Problem } from '../pages/problem.ts'
import {
  badRequest,
  DOCUMENT_METHODS,
  internalError,
  methodNotAllowed,
  notPublished
} from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import { allowsChange, type Validators } from '../site/conditional.ts'
import { readSitePath } from '../site/path.ts'
import { certificateOf } from './client-certificate/service.ts'
import { standingOf, type Credentials } from './authorization.ts'
import { DigestCheck } from './digests.ts'
import {
  ContentTooLargeError,
  DigestFieldError,
  DigestMismatchError,
  NameConflictError,
  NoFolderError,
  OutsideError,
  StateDiffersError
} from './errors.ts'
import {
  brokenOff,
  codedContent,
  contentTooLarge,
  digestMismatch,
  digestUnreadable,
  diskProblem,
  formContent,
  nameConflicts,
  nameForbidden,
  notTheOwner,
  partOfDocument,
  stateDiffers
} from './problems.ts'
import { namesFor } from './new-name.ts'
import { OwnerStore, type Replacement } from './store.ts'

export interface OwnerServerOptions {
  readonly token: string | undefined
  /** The largest document that is taken, in bytes. */
  readonly maxSize: number
  /** The Server field. */
  readonly name: string
  readonly isLocal: (request: IncomingMessage) => boolean
  /** The folder that is published. */
  readonly root: () => string | undefined
  /** Files of it have changed. */
  readonly onChange: () => Promise<void>
  readonly onUploaded?: ((upload: SiteUploaded) => void) | undefined
  readonly logger: FastifyBaseLogger
  readonly store?: OwnerStore
}

interface Place {
  readonly root: string
  readonly names: readonly string[]
  readonly allows: (current: Validators | undefined) => boolean
}

// Fields between parts of a form would become part of the document.
const FORM = /^(?:multipart\/form-data|application\/x-www-form-urlencoded)\b/i

/** Answers PUT, POST and DELETE on the node’s own site, for its owner. */
export class OwnerServer {
  readonly #options: OwnerServerOptions
  readonly #store: OwnerStore

  constructor(options: OwnerServerOptions) {
    this.#options = options
    this.#store = options.store ?? new OwnerStore()
  }

  /** `target` is the path with its query. */
  async serve(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const standing = standingOf(this.#credentialsOf(request), this.#options.token)

    if (standing !== 'owner') {
      // To those who do not claim to be the owner, adding documents is no method of this site.
      this.#refuse(
        request,
        response,
        standing === 'unknown' && request.method === 'POST'
          ? methodNotAllowed('POST', DOCUMENT_METHODS)
          : notTheOwner(standing)
      )

      return
    }

    try {
      const place = this.#placeOf(request, target)

      if ('status' in place) {
        this.#refuse(request, response, place)
      } else if (request.method === 'DELETE') {
        await this.#remove(request, response, place, target)
      } else if (request.method === 'POST') {
        await this.#create(request, response, place)
      } else {
        await this.#replace(request, response, place)
      }
    } catch (error) {
      this.#refuse(request, response, this.#problemOf(error, request))
    }
  }

  async #replace(request: IncomingMessage, response: ServerResponse, place: Place): Promise<void> {
    const { maxSize } = this.#options
    const problem = unwantedContent(request, maxSize)

    if (problem !== undefined) {
      this.#refuse(request, response, problem)

      return
    }

    if (!place.allows(await this.#store.look(place.root, place.names))) {
      throw new StateDiffersError()
    }

    const content = contentOf(request, maxSize)

    askForContent(request, response)

    const begun = performance.now()
    const { isNew, current, size } = await this.#store.replace({
      ...place,
      ...content
    })

    await this.#changed('PUT', place, begun, { bytes: size, isNew })
    // The validators tell that the content is stored as it was sent (RFC 9110 section 9.3.4).
    response.writeHead(isNew ? 201 : 204, [
      'Server',
      this.#options.name,
      'ETag',
      current.etag,
      'Last-Modified',
      new Date(current.modified * 1000).toUTCString(),
      ...(isNew ? ['Content-Length', '0'] : [])
    ])
    response.end()
  }

  /** Adds a document to a folder, under a name that is made from what the client asks for (RFC 9110 section 9.3.3). */
  async #create(request: IncomingMessage, response: ServerResponse, place: Place): Promise<void> {
    const { maxSize, name } = this.#options
    const { slug, 'content-type': type } = request.headers
    const problem =
      unwantedContent(request, maxSize) ?? (FORM.test(type ?? '') ? formContent() : undefined)

    if (problem !== undefined) {
      this.#refuse(request, response, problem)

      return
    }

    if (!place.allows(undefined)) {
      throw new StateDiffersError()
    }

    const content = contentOf(request, maxSize)
    const candidates = namesFor({ slug: slug?.toString(), type, unique: randomUUID() })

    await this.#store.lookAtFolder(place.root, place.names)
    askForContent(request, response)

    const begun = performance.now()
    const { names, current, size } = await this.#store.create({ ...place, ...content, candidates })

    await this.#changed('POST', { ...place, names }, begun, { bytes: size, isNew: true })
    response.writeHead(201, [
      'Server',
      name,
      // Relative, so that it holds under any prefix; the dot keeps a name with a colon from being read as a scheme.
      'Location',
      `./${encodeURIComponent(names.at(-1) ?? '')}`,
      'ETag',
      current.etag,
      'Last-Modified',
      new Date(current.modified * 1000).toUTCString(),
      'Content-Length',
      '0'
    ])
    response.end()
  }

  async #remove(
    request: IncomingMessage,
    response: ServerResponse,
    place: Place,
    target: string
  ): Promise<void> {
    const begun = performance.now()

    if (!(await this.#store.remove(place))) {
      this.#refuse(request, response, notPublished(target))

      return
    }

    await this.#changed('DELETE', place, begun, { bytes: 0, isNew: false })
    response.writeHead(204, ['Server', this.#options.name])
    response.end()
  }

  async #changed(
    method: SiteUploaded['method'],
    { names }: Place,
    begun: number,
    result: Pick<SiteUploaded, 'bytes' | 'isNew'>
  ): Promise<void> {
    await this.#options.onChange()
    this.#options.onUploaded?.({
      method,
      path: `/${names.join('/')}`,
      ...result,
      milliseconds: performance.now() - begun
    })
  }

  #placeOf({ headers, method }: IncomingMessage, target: string): Place | Problem {
    const path = readSitePath(target)
    const root = this.#options.root()

    if (path.kind === 'bad') {
      return badRequest(path.reason)
    }

    if (path.kind === 'none') {
      return nameForbidden()
    }

    return root === undefined || path.isFolder !== (method === 'POST')
      ? nameConflicts()
      : { root, names: path.names, allows: current => allowsChange(headers, current) }
  }

  #credentialsOf(request: IncomingMessage): Credentials {
    const { socket, headers } = request
    const isTls = 'encrypted' in socket

    return {
      authorization: headers.authorization,
      certificate: certificateOf(socket),
      isPrivate: isTls || this.#options.isLocal(request),
      isFromPage: headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
    }
  }

  #problemOf(error: unknown, request: IncomingMessage): Problem {
    if (error instanceof ContentTooLargeError) {
      return contentTooLarge(this.#options.maxSize)
    }

    if (error instanceof StateDiffersError) {
      return stateDiffers()
    }

    if (error instanceof NameConflictError) {
      return nameConflicts()
    }

    if (error instanceof OutsideError) {
      return nameForbidden()
    }

    if (error instanceof NoFolderError) {
      return notPublished(request.url ?? '/')
    }

    if (error instanceof DigestFieldError) {
      return digestUnreadable(error)
    }

    if (error instanceof DigestMismatchError) {
      return digestMismatch(error)
    }

    const problem = diskProblem(error)

    if (problem !== undefined) {
      return problem
    }

    if (!request.complete) {
      return brokenOff()
    }

    this.#options.logger.error({ err: error, url: request.url }, 'a document cannot be changed')

    return internalError()
  }

  #refuse(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
    sendProblem(request, response, problem, this.#options.name)
  }
}

/** @throws {DigestFieldError} */
function contentOf(
  request: IncomingMessage,
  limit: number
): Pick<Replacement, 'content' | 'limit' | 'check'> {
  const digests = new DigestCheck(request.headers)

  return {
    // The connection is still needed for the answer where the content is not wanted to its end.
    content: request.iterator({ destroyOnReturn: false }),
    limit,
    check: {
      update: chunk => digests.update(chunk),
      verify: () => digests.verify(request.trailers)
    }
  }
}

function unwantedContent({ headers }: IncomingMessage, maxSize: number): Problem | undefined {
  // RFC 9110 section 14.5
  if (headers['content-range'] !== undefined) {
    return partOfDocument()
  }

  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    return codedContent()
  }

  return Number(headers['content-length']) > maxSize ? contentTooLarge(maxSize) : undefined
}
