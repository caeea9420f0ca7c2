import type { IncomingMessage } from 'node:http'
import type { FastifyPluginCallback } from 'fastify'
import { answerSigning } from '../audit/signing/service.ts'
import { thirdNode } from '../audit/third/plugin.ts'
import type { Events } from '../events/service.ts'
import { SERVER, type GatewayOptions } from '../gateway-options.ts'
import type { Handlers } from '../handlers/service.ts'
import { linkOpener } from '../names/plugin.ts'
import { mirrorWord } from '../agreements/plugin.ts'
import { ownSite } from '../own-site/plugin.ts'
import type { SiteServer } from '../site/server.ts'
import { trustless } from '../trustless/plugin.ts'
import { wellKnown } from '../well-known/plugin.ts'

export interface OwnNamesOptions {
  readonly options: GatewayOptions
  readonly site: SiteServer
  /** The folder that is published. */
  readonly root: () => string | undefined
  readonly handlers: Handlers
  readonly events: Events
  readonly maxUploadSize: number
  readonly isLocal: (request: IncomingMessage) => boolean
  /** Files of the site have changed. */
  readonly refresh: () => Promise<void>
}

/** What answers under the names of the node itself: blocks by CID, public documents, and its site. */
export const ownNames: FastifyPluginCallback<OwnNamesOptions> = (app, own, done) => {
  const { options, site, handlers, events, isLocal } = own
  const { identity, logger } = options
  const sign = answerSigning(options.answerSigner)

  void app.register(trustless, { ...options, isLocal, sign, server: SERVER, site })
  void app.register(wellKnown, {
    certificate: identity.certificate,
    nodeRecord: options.nodeRecord,
    seedAnswer: options.seedAnswer,
    trustDocument: () => options.trustDocument?.(),
    nameDocument: () => options.nameDocument?.(),
    namesOf: async party => options.namesOf?.(party),
    claims: async uuid => options.claims?.(uuid),
    ownTree: () => options.ownTree?.(),
    mirroredSite: address => options.mirroredSite?.(address),
    sign,
    server: SERVER
  })
  void app.register(mirrorWord, {
    mirrorRecord: address => options.mirrorRecord?.(address),
    pushes: options.pushes,
    server: SERVER
  })
  void app.register(thirdNode, {
    look: async request => options.lookForOthers?.(request),
    server: SERVER
  })
  void app.register(linkOpener, { resolve: options.resolveName, isLocal, server: SERVER })
  void app.register(ownSite, {
    site,
    handlers,
    owner: {
      token: options.ownerToken,
      maxSize: own.maxUploadSize,
      name: SERVER,
      isLocal,
      root: own.root,
      onChange: own.refresh,
      onUploaded: upload => events.tell('upload', upload),
      logger
    },
    logger,
    name: SERVER
  })
  done()
}
