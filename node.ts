/** The embedding API: `import { createNode } from 'plexnet'`. */
import { openIdentity } from './identity/index.ts'
import { readOwnerToken } from './node/owner-token.ts'
import type { NodeOptions, PlexnetNode } from './node/api.ts'
import { Node } from './node/plexnet-node.ts'

export type { Configuration, Directories } from './config.ts'
export { loadConfiguration } from './config.ts'
export type {
  AccessLogDestination,
  Caller,
  ControlledNode,
  HandleOptions,
  Handler,
  HandlerRequest,
  SitePlugin,
  Message,
  MessageName,
  NodeCard,
  NodeEvents,
  NodeStatus,
  PublishedSite,
  ReadyEvent,
  ResolutionJson
} from './http-gateway/index.ts'
export { subscribe } from './http-gateway/index.ts'
export { createIdentity, openIdentity } from './identity/index.ts'
export { createLogger, type Logger } from './logger.ts'
export type { NodeOptions, PlexnetNode } from './node/api.ts'

/**
 * A node over the identity in `directories.identity`, not yet started.
 *
 * @throws {IdentityMissingError} where there is no identity yet
 * @throws {KeyFileError} where its files are damaged
 * @throws {OwnerTokenError}
 */
export async function createNode(options: NodeOptions): Promise<PlexnetNode> {
  const { configuration, directories } = options
  const [identity, ownerToken] = await Promise.all([
    openIdentity(directories.identity),
    readOwnerToken(configuration.gateway.ownerTokenFile)
  ])

  return new Node(options, identity, ownerToken)
}
