import type { Message, MessageName } from '../events/messages.ts'
import type { GatewayLimits, OutsiderSettings } from '../config.ts'
import type { FullAddress } from '../../identity/index.ts'
import type { TlsPair } from '../listeners/secure-context.ts'
import type { Binding } from '../listeners/bindings.ts'
import type { RouteName } from './routes.ts'
import type { Failure } from './failure.ts'

/** Where a worker listens, beside the others. */
export interface Place {
  readonly bindings: readonly Binding[]
  readonly port: number
}

/** All that a worker is told at its start; everything in it can be cloned into another process. */
export interface Setup {
  readonly identity: { readonly address: FullAddress; readonly certificate: Uint8Array }
  readonly host: string | undefined
  readonly listing: boolean
  readonly publicGateway: boolean
  readonly limits: GatewayLimits
  /** The part of this worker. */
  readonly outsiders: OutsiderSettings
  readonly pseudonym: string
  /** The Server field. */
  readonly name: string
  readonly tls: TlsPair
  /** The same for all workers, so that a TLS session is resumed by any of them. */
  readonly ticketKeys: Uint8Array
  readonly http: Place
  readonly https: Place
  /** The folder that is published. */
  readonly root: string | undefined
  /** The Unix socket of the main process, which answers what a worker does not. */
  readonly relay: string
  readonly routes: readonly RouteName[]
  /** Paths that programs answer, in the main process. */
  readonly handlers: readonly string[]
  /** Programs have a say in the answers to all paths. */
  readonly isGuarded: boolean
  /** Parts of the address space that another web server answers, which the main process asks. */
  readonly proxy: readonly string[]
  /** The main process fetches from the web for clients on this machine. */
  readonly forwardProxy: boolean
  readonly logLevel: string
  readonly wanted: readonly TelegramName[]
}

/** What workers tell of; all else happens in the main process. */
export const TELEGRAMS = [
  'request',
  'answer',
  'connection',
  'disconnection',
  'parse-error'
] as const satisfies readonly MessageName[]

export type TelegramName = (typeof TELEGRAMS)[number]

/** An event of a worker. */
export interface Telegram {
  readonly name: TelegramName
  readonly message: Message<TelegramName>
}

/** What the main process asks of a worker; each is answered. */
export type Order =
  | { readonly do: 'start'; readonly setup: Setup }
  | { readonly do: 'publish'; readonly root: string | undefined }
  /** Files of the site have changed. */
  | { readonly do: 'refresh' }
  /** Programs answer other paths now. */
  | { readonly do: 'handle'; readonly paths: readonly string[] }
  | { readonly do: 'renew'; readonly tls: TlsPair }
  | { readonly do: 'want'; readonly wanted: readonly TelegramName[] }
  | { readonly do: 'close' }

export interface Asked {
  readonly id: number
  readonly order: Order
}

/** What a worker keeps in memory. */
export interface Figures {
  readonly count: number
  readonly bytes: number
}

export type Told =
  | { readonly tell: 'done'; readonly id: number }
  | { readonly tell: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly tell: 'events'; readonly events: readonly Telegram[]; readonly figures: Figures }
  | {
      readonly tell: 'log'
      readonly level: LogLevel
      readonly entry: object
      readonly text: string
    }

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'
