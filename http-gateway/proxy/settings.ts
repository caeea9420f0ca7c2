const SECOND = 1000
const MINUTE = 60 * SECOND
const KIB = 1024

/** Every bound of the proxies with its default; durations in ms, sizes in bytes. */
export const PROXY_LIMITS = {
  /** Reaching a web server, the lookup of its name included. */
  connectTimeout: 10 * SECOND,

  /** From a request to the first byte of its answer, connecting included: programs may think for long, but a client’s connection on which nothing moves ends after a minute. */
  answerTimeout: 50 * SECOND,

  /** The longest pause of a web server in the middle of a body. */
  bodyIdleTimeout: 50 * SECOND,

  /** All header fields of an answer. */
  maxHeaderSize: 32 * KIB,

  /** Interim answers (1xx) before the answer. */
  maxInterim: 16,

  /** Web servers to which connections are kept, and connections to one of them. */
  maxOrigins: 256,
  connectionsPerOrigin: 64,

  /** An unused connection to a web server. */
  keepAliveTimeout: 15 * SECOND,

  /** Tunnels (CONNECT) at a time. */
  maxTunnels: 512,

  /** A tunnel in which no byte moves, in either direction. */
  tunnelIdleTimeout: 5 * MINUTE
}

export type ProxyLimits = Readonly<Record<keyof typeof PROXY_LIMITS, number>>
