/** How a client is connected. */
export type Transport = 'plain' | 'tls' | 'libp2p'

/** What answered a request. */
export type Server =
  /** A file that was in memory. */
  | 'memory'
  /** This node: a file, a handler, a public document, a change by the owner. */
  | 'own'
  /** Another node, or the page that tells why it did not. */
  | 'node'
  /** Another web server, or what of its answers is stored here. */
  | 'proxy'
  /** Nobody: it was redirected, refused, or could not be read. */
  | 'refusal'

/** In every message. */
export interface Stamp {
  /** UUID of the node that tells it: several may run in one process. */
  readonly node: string
  /** When it happened, in ms since the epoch; when a request had been read as far as its fields. */
  readonly at: number
}

/** The answer to a request was sent, or its connection has ended. */
export interface RequestFinished {
  /** From `at` to the last byte of the answer. */
  readonly milliseconds: number
  readonly transport: Transport
  /** An IP address; empty where the client came over libp2p. */
  readonly remoteAddress: string
  readonly method: string
  /** As it stood in the request line. */
  readonly target: string
  /** '1.1' or '1.0'. */
  readonly version: string
  readonly host: string | undefined
  readonly from: string | undefined
  readonly referer: string | undefined
  readonly userAgent: string | undefined
  readonly status: number
  /** Of the content of the answer, its fields not counted. */
  readonly bytes: number
  /** False where the connection ended before the answer did. */
  readonly isWhole: boolean
  readonly server: Server
}

/** What every answer costs and is, told more cheaply than who asked: where it came from memory, when it was handed to the system. */
export type AnswerSent = Pick<
  RequestFinished,
  'method' | 'status' | 'bytes' | 'milliseconds' | 'isWhole' | 'server'
>

/** A client has connected; over TLS, its handshake is still to come. */
export interface ConnectionOpened {
  readonly transport: Transport
  readonly remoteAddress: string
}

export interface ConnectionClosed extends ConnectionOpened {
  /** For how long it was open. */
  readonly milliseconds: number
}

/** What a client sent was no request, or did not arrive in time. */
export interface ParseFailed {
  readonly transport: Transport
  readonly remoteAddress: string
  readonly status: number
  /** 'PLEXNET_BAD_REQUEST' and the like. */
  readonly code: string
  /** Of the content of the answer. */
  readonly bytes: number
}

/** The owner has changed a document by PUT, POST or DELETE. */
export interface SiteUploaded {
  readonly method: 'PUT' | 'POST' | 'DELETE'
  /** Of the document. */
  readonly path: string
  /** Of the document as it is now; 0 where it was removed. */
  readonly bytes: number
  readonly isNew: boolean
  readonly milliseconds: number
}

/** Another node was looked up, or could not be found. */
export interface LookupFinished {
  /** '<uuid>' or '<uuid>.<fp>'. */
  readonly address: string
  readonly milliseconds: number
  /** Where the answer came from, or the code of the error. */
  readonly outcome: string
  readonly isFound: boolean
}

/** Another folder is published, or none. */
export interface SiteChanged {
  readonly root: string | undefined
}

/** The node has joined its network. */
export interface NodeJoined {
  readonly peers: number
  /** Since the start of the node. */
  readonly milliseconds: number
}

/** A request handler could not be loaded or has failed. */
export interface HandlerFailed {
  /** Path of the handler, or its file. */
  readonly handler: string
  readonly error: unknown
}

/** A file of request handlers was loaded, is broken, or has gone. */
export interface HandlerChanged {
  readonly file: string
  /** That it answers. */
  readonly path: string
  readonly state: 'loaded' | 'broken' | 'removed'
}

/** Everything that a node tells of while it runs, by name. */
export interface Details {
  readonly request: RequestFinished
  readonly answer: AnswerSent
  readonly connection: ConnectionOpened
  readonly disconnection: ConnectionClosed
  readonly 'parse-error': ParseFailed
  readonly upload: SiteUploaded
  readonly lookup: LookupFinished
  readonly site: SiteChanged
  readonly join: NodeJoined
  readonly handler: HandlerChanged
  readonly 'handler-error': HandlerFailed
}

export type MessageName = keyof Details

/** What is published on the diagnostics channel `plexnet:NAME`. */
export type Message<N extends MessageName> = Stamp & Details[N]
