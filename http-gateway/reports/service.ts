import type { FastifyBaseLogger } from 'fastify'
import type { AccessLog, AccessLogOptions } from '../access-log/service.ts'
import type { Events } from '../events/service.ts'
import type { MetricsListener } from '../metrics/listener/server.ts'
import type { PresentFigures } from '../metrics/exposition/service.ts'
import { Metrics } from '../metrics/service.ts'

export interface ReportOptions {
  /** Absent where nobody wants one. */
  readonly accessLog?: Omit<AccessLogOptions, 'logger'> | undefined
  readonly metrics: {
    readonly enabled: boolean
    /** Of /metrics on the loopback addresses; undefined for none. */
    readonly port: number | undefined
  }
  readonly version: string
  readonly present: () => Omit<PresentFigures, 'droppedLogLines'>
  readonly logger: FastifyBaseLogger
}

/** What a node tells of its work: the access log, and figures. */
export interface Reports {
  /** Where Prometheus finds the figures. */
  readonly metricsUrl: string | undefined
  /** Opens the access log anew, after its file was moved away. */
  reopenLogs(): Promise<void>
  /** In the text format of Prometheus. */
  metrics(): Promise<string>
  close(): Promise<void>
}

/** @throws {AccessLogError | PortTakenError | CannotListenError} */
export async function startReports(events: Events, options: ReportOptions): Promise<Reports> {
  const { accessLog, metrics: wanted, version, logger } = options
  const undo = new AsyncDisposableStack()

  try {
    const log = accessLog === undefined ? undefined : await startLog(events, accessLog, logger)

    undo.defer(async () => log?.close())

    const metrics = wanted.enabled
      ? new Metrics(events, {
          version,
          present: () => ({ ...options.present(), droppedLogLines: log?.dropped ?? 0 })
        })
      : undefined

    undo.defer(() => metrics?.close())

    const text = async (): Promise<string> => metrics?.text() ?? DISABLED
    const listener =
      wanted.port === undefined ? undefined : await startListener(wanted.port, text, logger)

    undo.defer(async () => listener?.close())

    const running = undo.move()

    return {
      metricsUrl: listener?.url,
      reopenLogs: async () => log?.reopen(),
      metrics: text,
      close: async () => running.disposeAsync()
    }
  } catch (error) {
    await undo.disposeAsync()

    throw error
  }
}

const DISABLED = '# Nothing is counted: metrics.enabled is false.\n'

async function startLog(
  events: Events,
  options: Omit<AccessLogOptions, 'logger'>,
  logger: FastifyBaseLogger
): Promise<AccessLog> {
  const { startAccessLog } = await import('../access-log/service.ts')

  return startAccessLog(events, { ...options, logger })
}

async function startListener(
  port: number,
  text: () => Promise<string>,
  logger: FastifyBaseLogger
): Promise<MetricsListener> {
  const { listenForMetrics } = await import('../metrics/listener/server.ts')
  const listener = await listenForMetrics({ port, text, logger })

  logger.info({ url: listener.url }, 'figures for Prometheus')

  return listener
}
