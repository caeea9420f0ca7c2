import type { FastifyPluginCallback } from 'fastify'
import type { CID } from 'multiformats/cid'
import type { OwnTree } from '../../overlay/content/index.ts'
import type { CacheOffer } from '../../overlay/content/siblings/index.ts'
import { internalError } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import type { SiteServer } from '../site/server.ts'
import type { Content } from '../verified/content.ts'
import { isTrustless } from './request.ts'
import type { Asker, TrustlessOptions, TrustlessServer } from './server.ts'

export interface TrustlessPluginOptions extends Omit<TrustlessOptions, 'load' | 'isGone'> {
  readonly ownTree?: (() => OwnTree | undefined) | undefined
  readonly content?: (() => Promise<Pick<Content, 'cache'>>) | undefined
  /** A block of a site that this node mirrors, which anyone may have. */
  readonly mirrored?: ((cid: CID) => Promise<Uint8Array | undefined>) | undefined
  /** Whether blocks of sites of others that were read here are given to anyone, not only to programs on this machine. */
  readonly cacheOffer?: CacheOffer | undefined
  /** Answers what only looks like content by CID, such as a published folder `ipfs`. */
  readonly site: Pick<SiteServer, 'serve'>
}

/** `/ipfs/<cid>` at this node's own names. */
export const trustless: FastifyPluginCallback<TrustlessPluginOptions> = (app, options, done) => {
  const { site, logger, server: name, ownTree, mirrored, content, cacheOffer } = options
  let opening: Promise<TrustlessServer> | undefined

  app.route({
    method: ['GET', 'HEAD'],
    url: '/ipfs/*',
    handler: ({ raw: request }, reply) => {
      const { raw: response } = reply
      const target = request.url ?? '/'

      reply.hijack()

      const answered = isTrustless(target)
        ? open().then(async server => server.serve(request, response, target))
        : site.serve(request, response, target)

      answered.catch((error: unknown) => {
        logger.error({ err: error, url: target }, 'content cannot be served')
        sendProblem(request, response, internalError(), name)
      })
    }
  })
  done()

  // What reads trees is not loaded before somebody asks for one.
  async function open(): Promise<TrustlessServer> {
    opening ??= import('./server.ts').then(
      ({ TrustlessServer: Server }) =>
        new Server({
          ...options,
          load,
          isGone: cid => ownTree?.()?.site?.previous?.equals(cid) === true
        })
    )

    return opening
  }

  async function load(cid: CID, asker: Asker): Promise<Uint8Array | undefined> {
    const own = (await ownTree?.()?.block(cid)) ?? (await mirrored?.(cid))

    return own ?? (asker.isLocal ? (await content?.())?.cache.get(cid) : offered(cid, asker))
  }

  /** What somebody else may have of what was read here. */
  async function offered(cid: CID, { isAsking }: Asker): Promise<Uint8Array | undefined> {
    if (cacheOffer?.isOpen(Date.now()) !== true) return undefined

    const block = await (await content?.())?.cache.get(cid)
    const isGiven = block !== undefined && (isAsking || cacheOffer.take(block.length, Date.now()))

    return isGiven ? block : undefined
  }
}
