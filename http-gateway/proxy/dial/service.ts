import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket } from 'node:net'
import { isPublicAddress } from '../../upstream/sources/address-policy.ts'
import { explain } from '../../upstream/connection/failure.ts'
import { race } from '../../upstream/race/service.ts'
import { ForbiddenTargetError, OriginUnreachableError } from '../errors.ts'
import { errorCode } from '../../../identity/index.ts'

export interface DialOptions {
  /** ms, the lookup of the name included */
  readonly timeout: number
  /** Addresses of this machine and of private networks, too. */
  readonly allowPrivate: boolean
}

// RFC 8305 section 8 recommends 250 ms between attempts.
const STAGGER = 250

// A name with more addresses than this is none that anybody meant.
const MAX_ADDRESSES = 8

/**
 * A connection to the first address of a host that answers. The name is resolved once, and what is judged is what is dialled: a second answer
 * of the DNS, by which a web page would reach what only this machine can reach, is never asked for.
 *
 * @throws {ForbiddenTargetError | OriginUnreachableError}
 */
export async function dial(
  host: string,
  port: number,
  { timeout, allowPrivate }: DialOptions
): Promise<Socket> {
  const target = `${host}:${port}`
  const signal = AbortSignal.timeout(timeout)

  try {
    const addresses = await addressesOf(host, signal)
    const allowed = allowPrivate ? addresses : addresses.filter(isPublicAddress)

    if (allowed.length === 0) {
      throw new ForbiddenTargetError(
        target,
        `it has the address ${addresses.join(', ')}, which is of this machine or of a private network`
      )
    }

    return await race(
      allowed
        .slice(0, MAX_ADDRESSES)
        .map(address => async (one: AbortSignal) => connectTo(address, port, one)),
      { stagger: STAGGER, signal, discard: socket => socket.destroy() }
    )
  } catch (error) {
    if (error instanceof ForbiddenTargetError) {
      throw error
    }

    throw new OriginUnreachableError(target, reasonOf(error), { cause: error })
  }
}

async function addressesOf(host: string, signal: AbortSignal): Promise<string[]> {
  if (isIP(host) !== 0) {
    return [host]
  }

  const { promise: late, reject } = Promise.withResolvers<never>()

  signal.addEventListener('abort', () => reject(signal.reason), { once: true })

  const found = await Promise.race([lookup(host, { all: true }), late])

  return found.map(({ address }) => address)
}

async function connectTo(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // The other end of a tunnel may be closed for writing while it still sends.
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    const onAbort = (): void => {
      socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    }

    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      socket.removeListener('error', reject)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) {
    const [first]: unknown[] = error.errors

    return first === undefined ? 'no answer in time' : explain(first)
  }

  const code = errorCode(error)

  return code === 'ENOTFOUND' || code === 'EAI_AGAIN'
    ? 'its name is not known to the DNS'
    : explain(error)
}
