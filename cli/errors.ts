import type { Problem, TrailStep } from '../http-gateway/control/index.ts'

/** The command was typed in a way that means nothing. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'PLEXNET_USAGE'
}

/** A command needs a running node. */
export class NoNodeError extends Error {
  override readonly name = 'NoNodeError'
  readonly code = 'PLEXNET_NO_NODE'
  readonly socketPath: string

  constructor(socketPath: string, options?: ErrorOptions) {
    super('no node runs here; start one with `plexnet start`', options)
    this.socketPath = socketPath
  }
}

/** The node that was started in the background ended, or took too long. */
export class StartFailedError extends Error {
  override readonly name = 'StartFailedError'
  readonly code: string

  constructor(message: string, code = 'PLEXNET_START_FAILED') {
    super(message)
    this.code = code
  }
}

/** A command needs the passphrase and has nowhere to take it from. */
export class PassphraseMissingError extends Error {
  override readonly name = 'PassphraseMissingError'
  readonly code = 'PLEXNET_PASSPHRASE_MISSING'

  constructor() {
    super(
      'the passphrase is needed: give --passphrase-file FILE, or PLEXNET_PASSPHRASE in the environment, or use a terminal to be asked for it'
    )
  }
}

/** A passphrase file that cannot be used. */
export class PassphraseFileError extends Error {
  override readonly name = 'PassphraseFileError'
  readonly code = 'PLEXNET_PASSPHRASE_FILE'
  readonly file: string

  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`the passphrase file ${file} ${reason}`, options)
    this.file = file
  }
}

/** The other node answered with an HTTP error. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly code = 'PLEXNET_STATUS'
  readonly status: number
  readonly trail: readonly TrailStep[] | undefined

  constructor(url: string, status: number, problem?: Pick<Problem, 'detail' | 'trail'>) {
    super(`${url} is answered with status ${status}${problem == null ? '' : `: ${problem.detail}`}`)
    this.status = status
    this.trail = problem?.trail
  }
}

/** Fewer bytes came than were announced; nothing was written over. */
export class TruncatedError extends Error {
  override readonly name = 'TruncatedError'
  readonly code = 'PLEXNET_TRUNCATED'

  constructor(
    url: string,
    received: number,
    announced: number | undefined,
    options?: ErrorOptions
  ) {
    super(
      `${url} was cut short after ${received} ${announced == null ? '' : `of ${announced} `}bytes; try again`,
      options
    )
  }
}

/** A site is not as its publisher signed it, somewhere. */
export class SiteFaultError extends Error {
  override readonly name = 'SiteFaultError'
  readonly code: string

  private constructor(message: string, code: string) {
    super(message)
    this.code = code
  }

  static wrong(address: string, sources: readonly string[]): SiteFaultError {
    return new SiteFaultError(
      `of ${address}, other bytes than its publisher signed are at ${sources.join(', ')}`,
      'PLEXNET_WRONG_SOURCE'
    )
  }

  static missing(address: string, reason: string): SiteFaultError {
    return new SiteFaultError(
      `${address} is not to be had whole: ${reason}`,
      'PLEXNET_MISSING_BLOCKS'
    )
  }
}
