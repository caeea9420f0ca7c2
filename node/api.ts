import type { Configuration, Directories } from '../config.ts'
import type {
  AccessLogDestination,
  ControlledNode,
  NodeEvents,
  ReadyEvent
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
  /** Opens the access log anew, after its file was moved away. */
  reopenLogs(): Promise<void>
  on<K extends keyof NodeEvents>(event: K, listener: (event: NodeEvents[K]) => void): void
}
