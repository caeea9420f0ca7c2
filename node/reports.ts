import { type Gateway, type Reports, startReports } from '../http-gateway/index.ts'
import type { SiblingCounts } from '../overlay/content/siblings/index.ts'
import { VERSION } from '../version.ts'
import type { NodeOptions } from './api.ts'

export interface NodeFigures {
  /** ms since the epoch */
  readonly startedAt: number
  readonly peers: () => number
  readonly siblings: () => SiblingCounts
}

/**
 * The access log and the figures of a node, as its configuration and whoever embeds it want them.
 *
 * @throws {AccessLogError | PortTakenError | CannotListenError}
 */
export async function reportsOf(
  gateway: Gateway,
  { configuration, accessLog, logger }: NodeOptions,
  { startedAt, peers, siblings }: NodeFigures
): Promise<Reports> {
  const { file, ...settings } = configuration.accessLog
  const destination = accessLog ?? file

  return startReports(gateway.events, {
    accessLog: destination == null ? undefined : { ...settings, destination },
    metrics: configuration.metrics,
    version: VERSION,
    present: () => ({
      uptime: (Date.now() - startedAt) / 1000,
      peers: peers(),
      siblings: siblings(),
      hotFiles: gateway.hotFiles
    }),
    logger: logger.child({ component: 'plexnet:reports' })
  })
}
