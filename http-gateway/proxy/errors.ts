/** No connection to a web server came about. */
export class OriginUnreachableError extends Error {
  override readonly name = 'OriginUnreachableError'
  readonly code = 'PLEXNET_ORIGIN_UNREACHABLE'
  readonly origin: string

  constructor(origin: string, reason: string, options?: ErrorOptions) {
    super(`The server ${origin} cannot be reached: ${reason}.`, options)
    this.origin = origin
  }
}

/** A web server was reached, and what it sent is no answer in HTTP. */
export class OriginAnswerError extends Error {
  override readonly name = 'OriginAnswerError'
  readonly code = 'PLEXNET_ORIGIN_ANSWER'
  readonly origin: string

  constructor(origin: string, reason: string, options?: ErrorOptions) {
    super(`The server ${origin} was reached, but its answer cannot be used: ${reason}.`, options)
    this.origin = origin
  }
}

/** A web server took longer than the bound. */
export class OriginTimeoutError extends Error {
  override readonly name = 'OriginTimeoutError'
  readonly code = 'PLEXNET_ORIGIN_TIMEOUT'
  readonly origin: string

  constructor(origin: string, milliseconds: number) {
    super(`The server ${origin} did not answer within ${milliseconds} ms.`)
    this.origin = origin
  }
}

/** The forward proxy does not lead there. */
export class ForbiddenTargetError extends Error {
  override readonly name = 'ForbiddenTargetError'
  readonly code = 'PLEXNET_PROXY_FORBIDDEN'
  readonly target: string

  constructor(target: string, reason: string) {
    super(`The proxy does not lead to ${target}: ${reason}.`)
    this.target = target
  }
}
