import type { Configuration, Directories } from '../config.ts'
import type {
  AccessLogDestination,
  ControlledNode,
  HandleOptions,
  Handler,
  NodeEvents,
  ReadyEvent,
  SitePlugin
} from '../http-gateway/index.ts'
import type { Logger } from '../logger.ts'

export interface NodeOptions {
  readonly configuration: Configuration
  readonly directories: Directories
  readonly logger: Logger
  /** Without it the node starts locked: it serves and reads, but cannot sign a new record (DESIGN section 3). */
  readonly passphrase?: string | undefined
  /** Where the access log goes, in place of `access_log.file`. */
  readonly accessLog?: AccessLogDestination | undefined
}

export interface PlexnetNode extends ControlledNode {
  readonly address: string
  /** Serves local HTTP and listens for peers when this resolves; joining goes on. */
  start(): Promise<ReadyEvent>
  /**
   * Answers a path of this node's own site with a program, from now on; what is returned ends it.
   *
   * @throws {HandlerPathError | HandlerError}
   */
  handle(path: string, handler: Handler, options?: HandleOptions): () => void
  /**
   * Adds a Fastify plugin to this node's own site, before the start.
   *
   * @throws {HandlerError} after it
   */
  register<O extends Record<string, unknown>>(plugin: SitePlugin<O>, options: O): void
  /** Opens the access log anew, after its file was moved away. */
  reopenLogs(): Promise<void>
  on<K extends keyof NodeEvents>(event: K, listener: (event: NodeEvents[K]) => void): void
}
