import type { FastifyBaseLogger } from 'fastify'
import type { Events } from '../events/service.ts'
import type { ServerOptions, WebServer } from '../front/server.ts'
import type { Binding } from './bindings.ts'
import type { TlsPair } from './secure-context.ts'
import type { Listener } from './service.ts'

export interface DoorsOptions {
  readonly bindings: readonly Binding[]
  /** 0 takes any free one; so for HTTPS. */
  readonly httpPort: number
  readonly httpsPort: number
  readonly server: ServerOptions
  readonly events: Events
  readonly tls: TlsPair
  /** The authority certificate, DER. */
  readonly authority: Uint8Array
  readonly logger: FastifyBaseLogger
}

/** Where clients come in, in this process or in workers. */
export interface Doors {
  readonly http: readonly Pick<Listener, 'url' | 'port'>[]
  readonly https: readonly Pick<Listener, 'url' | 'port'>[]
  /** For connections that come another way than through a port. */
  readonly server: WebServer
  /** Files in memory outside of this process, and their bytes. */
  readonly hotFiles: { readonly count: number; readonly bytes: number }
  /** Another folder is published. */
  publish(root: string | undefined): Promise<void>
  /** Files of the site have changed. */
  refresh(): Promise<void>
  /** Programs answer these paths now, and no others. */
  handle(paths: readonly string[]): Promise<void>
  /** Takes a new certificate for connections that come from now on. */
  renew(tls: TlsPair): Promise<void>
  /** Ends listeners and idle connections at once, and the others within `timeout` ms. */
  close(timeout: number): Promise<void>
}
