import type { GatewayOptions } from '../http-gateway/index.ts'
import type { Identity } from '../identity/index.ts'
import type { NodeOptions } from './api.ts'

type Settings = Omit<
  GatewayOptions,
  'ownerToken' | 'resolve' | 'openStream' | 'nodeRecord' | 'seedAnswer'
>

/** The part of a gateway's options that the configuration decides. */
export function gatewaySettings(
  { configuration, logger }: NodeOptions,
  identity: Identity
): Settings {
  const { gateway, limits, node } = configuration

  return {
    identity,
    tls: identity.tls,
    ...(node.host == null ? {} : { host: node.host }),
    bind: gateway.bind,
    httpPort: gateway.httpPort,
    httpsPort: gateway.httpsPort,
    publicGateway: gateway.public,
    workers: gateway.workers,
    listing: gateway.listing,
    limits: gateway,
    outsiderLimits: {
      sendRate: limits.rate,
      sourceRequests: limits.sourceRequests,
      sourceRate: limits.sourceRate,
      requests: limits.outsiderRequests,
      requestRate: limits.outsiderRate,
      crowd: limits.crowd
    },
    proxies: configuration.proxy,
    handlerLimits: configuration.handlers,
    logger: logger.child({ component: 'plexnet:gateway' })
  }
}
