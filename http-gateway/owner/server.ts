import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import type { SiteUploaded } from '../events/messages.ts'
import { askForContent } from '../front/server.ts'
import type { Problem } from '../pages/problem.ts'
import { badRequest, internalError, notPublished } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import { allowsChange, type Validators } from '../site/conditional.ts'
import { readSitePath } from '../site/path.ts'
import { certificateOf } from './client-certificate/service.ts'
import { standingOf, type Credentials } from './authorization.ts'
import {
  ContentTooLargeError,
  NameConflictError,
  OutsideError,
  StateDiffersError
} from './errors.ts'
import {
  brokenOff,
  codedContent,
  contentTooLarge,
  diskProblem,
  nameConflicts,
  nameForbidden,
  notTheOwner,
  partOfDocument,
  stateDiffers
} from './problems.ts'
import { OwnerStore } from './store.ts'

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

/** Answers PUT and DELETE on the node’s own site, for its owner. */
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
      this.#refuse(request, response, notTheOwner(standing))

      return
    }

    try {
      const place = this.#placeOf(request, target)

      if ('status' in place) {
        this.#refuse(request, response, place)
      } else if (request.method === 'DELETE') {
        await this.#remove(request, response, place, target)
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

    askForContent(request, response)

    const begun = performance.now()
    const { isNew, current, size } = await this.#store.replace({
      ...place,
      // The connection is still needed for the answer where the content is not wanted to its end.
      content: request.iterator({ destroyOnReturn: false }),
      limit: maxSize
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

  #placeOf({ headers }: IncomingMessage, target: string): Place | Problem {
    const path = readSitePath(target)
    const root = this.#options.root()

    if (path.kind === 'bad') {
      return badRequest(path.reason)
    }

    if (path.kind === 'none') {
      return nameForbidden()
    }

    return root === undefined || path.isFolder
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
