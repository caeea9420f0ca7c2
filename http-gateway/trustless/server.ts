import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import type { CID } from 'multiformats/cid'
import type { SignAnswer } from '../audit/signing/service.ts'
import type { Problem } from '../pages/problem.ts'
import { internalError } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import { answerFor, type FileAnswer } from '../site/answer.ts'
import { rangeProblem } from '../site/range-problem.ts'
import { cut, sendPieces } from '../streaming/service.ts'
import { carOf } from './car.ts'
import { readDagNode } from './dag-node.ts'
import { carFields, carTag, rawRepresentation } from './fields.ts'
import { identityBlock } from './identity-block.ts'
import { follow, type Followed } from './path.ts'
import { blockGone, noBlock, noPath, outsideEntity } from './problems.ts'
import { readTrustless, type CarRequest, type RawRequest } from './request.ts'
import { readRange, walk, type Block, type LoadBlock } from './walk.ts'

/** Who wants a block, and for what. */
export interface Asker {
  /** A program on this machine, which may have what others published too. */
  readonly isLocal: boolean
  /** Only wants to know whether it is here. */
  readonly isAsking: boolean
}

export interface TrustlessOptions {
  /** A verified block that is here. */
  readonly load: (cid: CID, asker: Asker) => Promise<Uint8Array | undefined>
  /** Whether this root was published before. */
  readonly isGone: (cid: CID) => boolean
  readonly isLocal: (request: IncomingMessage) => boolean
  /** Stands by blocks; without it answers are not signed. */
  readonly sign?: SignAnswer | undefined
  readonly server: string
  readonly logger: FastifyBaseLogger
}

const BOUNDARY_BYTES = 16

/** Blocks and archives of blocks by CID, for those who verify what they get (specs.ipfs.tech/http-gateways/trustless-gateway). */
export class TrustlessServer {
  readonly #options: TrustlessOptions

  constructor(options: TrustlessOptions) {
    this.#options = options
  }

  /** Answers GET and HEAD for a target that `isTrustless`. */
  async serve(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const asked = readTrustless(target, request.headers.accept)

    if ('problem' in asked) {
      this.#refuse(request, response, asked.problem)
    } else if (asked.format === 'raw') {
      await this.#serveRaw(request, response, asked)
    } else {
      await this.#serveCar(request, response, asked)
    }
  }

  async #serveRaw(
    request: IncomingMessage,
    response: ServerResponse,
    { cid }: RawRequest
  ): Promise<void> {
    const block = await this.#loader(request)(cid)

    if (block === undefined) {
      this.#refuse(request, response, this.#absent(request, cid))

      return
    }

    const { method = '', headers } = request
    const representation = rawRepresentation(cid, block.length, this.#options.server)
    const answer = answerFor({ method, headers, newBoundary }, representation)

    if (answer.status === 412 || answer.status === 416) {
      this.#refuse(request, response, rangeProblem(answer.status, answer.fields))

      return
    }

    const parts =
      answer.status === 200
        ? [block]
        : answer.content.map(part =>
            typeof part === 'string' ? part : partOf(block, part.start, part.end)
          )

    response.writeHead(answer.status, [
      ...answer.fields,
      ...(await this.#signature(request, answer, parts))
    ])

    if (method !== 'HEAD') {
      for (const part of parts) {
        response.write(part)
      }
    }

    response.end()
  }

  /** Of one block, or of one part of it: all that is signed is in memory. */
  async #signature(
    request: IncomingMessage,
    { status, fields }: FileAnswer,
    [content, ...others]: readonly (Uint8Array | string)[]
  ): Promise<readonly string[]> {
    const { sign } = this.#options

    return sign !== undefined &&
      request.method === 'GET' &&
      content instanceof Uint8Array &&
      others.length === 0
      ? sign(request, { status, fields, content })
      : []
  }

  async #serveCar(
    request: IncomingMessage,
    response: ServerResponse,
    asked: CarRequest
  ): Promise<void> {
    const load = this.#loader(request)
    const found = await follow(asked.cid, asked.names, load)
    const problem = this.#carProblem(request, asked, found)

    if (found.kind !== 'found' || problem !== undefined) {
      this.#refuse(request, response, problem ?? internalError())

      return
    }

    const { end } = found
    const fields = carFields(asked, end.cid, this.#options.server)

    if (request.headers['if-none-match']?.includes(carTag(asked, end.cid)) === true) {
      response.writeHead(304, fields)
      response.end()

      return
    }

    response.writeHead(200, fields)

    if (request.method === 'HEAD') {
      response.end()
    } else {
      await this.#sendCar(response, asked, found, load)
    }
  }

  #carProblem(
    request: IncomingMessage,
    { cid, names, bytes }: CarRequest,
    found: Followed
  ): Problem | undefined {
    if (found.kind === 'missing-name') {
      return noPath(cid.toString(), names.join('/'))
    }

    if (found.kind !== 'found') {
      return this.#absent(request, cid)
    }

    const { kind, size } = readDagNode(found.end.cid, found.end.bytes)

    return kind === 'file' && readRange(bytes, size) === undefined ? outsideEntity() : undefined
  }

  async #sendCar(
    response: ServerResponse,
    asked: CarRequest,
    { way, end }: Extract<Followed, { kind: 'found' }>,
    load: LoadBlock
  ): Promise<void> {
    const { cid } = asked

    try {
      await sendPieces(response, carOf(cid, blocksOf(way, walk(end, { ...asked, load }))))
      response.end()
    } catch (error) {
      // What breaks off must not look whole.
      cut(response)
      this.#options.logger.info({ err: error, cid: cid.toString() }, 'an archive broke off')
    }
  }

  #loader(request: IncomingMessage): LoadBlock {
    const isLocal = this.#options.isLocal(request) && !isFromOtherSite(request)

    const asker = { isLocal, isAsking: request.method === 'HEAD' }

    return async cid => identityBlock(cid) ?? this.#options.load(cid, asker)
  }

  #absent(request: IncomingMessage, cid: CID): Problem {
    return this.#options.isGone(cid)
      ? blockGone(cid.toString())
      : noBlock(
          cid.toString(),
          /(?:^|[ ,])only-if-cached(?:$|[ ,;])/i.test(request.headers['cache-control'] ?? '')
        )
  }

  #refuse(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
    sendProblem(request, response, problem, this.#options.server)
  }
}

/** A page of somebody else could tell from the cache what its visitor has read. */
function isFromOtherSite({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']

  return site !== undefined && site !== 'none' && site !== 'same-origin'
}

async function* blocksOf(
  way: readonly Block[],
  below: AsyncIterable<Block>
): AsyncGenerator<Block> {
  yield* way
  yield* below
}

/** The block itself where that is meant, whose digest is known. */
function partOf(block: Uint8Array, start: number, end: number): Uint8Array {
  return start === 0 && end === block.length - 1 ? block : block.subarray(start, end + 1)
}

function newBoundary(): string {
  return randomBytes(BOUNDARY_BYTES).toString('hex')
}
