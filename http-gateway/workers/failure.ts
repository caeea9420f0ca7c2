import { CannotListenError, PortTakenError } from '../errors.ts'
import { errorCode } from '../../identity/index.ts'

/** An error on its way between processes. */
export interface Failure {
  readonly message: string
  readonly code: string | undefined
  readonly address: string | undefined
  readonly port: number | undefined
}

export function failureOf(error: unknown): Failure {
  const listening = error instanceof PortTakenError || error instanceof CannotListenError

  return {
    message: error instanceof Error ? error.message : String(error),
    code: errorCode(error),
    address: listening ? error.address : undefined,
    port: listening ? error.port : undefined
  }
}

/** An error of the class that it had. */
export function errorOf({ message, code, address, port }: Failure): Error {
  if (address !== undefined && port !== undefined) {
    const Kind = code === 'PLEXNET_PORT_TAKEN' ? PortTakenError : CannotListenError

    return Object.assign(new Kind(address, port, ''), { message })
  }

  return Object.assign(new Error(message), code === undefined ? {} : { code })
}
