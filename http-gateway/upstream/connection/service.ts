import { connect, createSecureContext, type PeerCertificate, type SecureContext } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import type { Step, VerifiedRecord } from '../../../discovery/index.ts'
import type { TlsPair } from '../../listeners/secure-context.ts'
import { race } from '../race/service.ts'
import { ConnectFailure, explain } from './failure.ts'

export interface Endpoint {
  /** As in the record. */
  readonly text: string
  readonly host: string
  readonly port: number
}

/** A connection that was made. */
export interface Dialled {
  readonly socket: TLSSocket
  readonly endpoint: Endpoint
  /** Until TCP's handshake was answered, in ms: no program is asked for it, so that the line alone counts. */
  readonly roundTrip: number
}

/** The only certificate authority that is trusted on connections to a node, and the node’s last TLS session. */
export interface Pin {
  readonly uri: string
  readonly context: SecureContext
  /** This node shows its own certificate. */
  readonly isShown: boolean
  session: Buffer | undefined
}

// RFC 8305 section 8 recommends 250 ms between attempts.
const STAGGER = 250

const PROTOCOLS = ['http/1.1']
const KEEP_ALIVE_PROBE = 30_000

/** @param own shown to the node, where it is to know who asks */
export function pinOf({ uuid, certificate }: VerifiedRecord, own?: TlsPair): Pin {
  return {
    uri: `URI:urn:uuid:${uuid}`,
    context: createSecureContext({ ca: pem(certificate), minVersion: 'TLSv1.2', ...own }),
    isShown: own !== undefined,
    session: undefined
  }
}

/**
 * A TLS connection to the first endpoint that shows a certificate of the pinned authority for the node’s UUID.
 *
 * @throws {ConnectFailure}
 */
export async function connectPinned(
  endpoints: readonly Endpoint[],
  pin: Pin,
  timeout: number,
  signal: AbortSignal
): Promise<Dialled> {
  const bound = AbortSignal.any([signal, AbortSignal.timeout(timeout)])

  try {
    return await race(
      endpoints.map(endpoint => async (one: AbortSignal) => connectTo(endpoint, pin, one)),
      { stagger: STAGGER, signal: bound, discard: ({ socket }) => socket.destroy() }
    )
  } catch (error) {
    throw new ConnectFailure(stepsOf(error))
  }
}

async function connectTo(endpoint: Endpoint, pin: Pin, signal: AbortSignal): Promise<Dialled> {
  const { host, port } = endpoint
  const began = performance.now()

  return new Promise((resolve, reject) => {
    let roundTrip = 0
    const socket = connect({
      host,
      port,
      secureContext: pin.context,
      ALPNProtocols: PROTOCOLS,
      ...(pin.session === undefined ? {} : { session: pin.session }),
      // Called after the chain has been verified up to the pinned authority.
      checkServerIdentity: (_host, certificate) => checkIdentity(certificate, pin.uri)
    })
    const onAbort = (): void => {
      socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    }

    signal.addEventListener('abort', onAbort, { once: true })
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_PROBE)
    socket.on('session', session => {
      // A resumed session shows no certificate.
      if (!pin.isShown) pin.session = session
    })
    socket.once('connect', () => {
      roundTrip = performance.now() - began
    })
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', onAbort)
      resolve({ socket, endpoint, roundTrip })
    })
    socket.on('error', error => {
      signal.removeEventListener('abort', onAbort)
      reject(new ConnectFailure([stepOf(endpoint, error, socket)]))
    })
  })
}

function checkIdentity(certificate: PeerCertificate, uri: string): Error | undefined {
  return certificate.subjectaltname?.split(', ').includes(uri) === true
    ? undefined
    : Object.assign(new Error(`Its certificate does not name ${uri}.`), {
        code: 'ERR_TLS_CERT_ALTNAME_INVALID'
      })
}

function stepOf({ text }: Endpoint, error: Error, socket: TLSSocket): Step {
  // Node sets it where the handshake went through and the certificate did not.
  const refused: unknown = socket.authorizationError

  return refused == null
    ? { step: 'address', outcome: 'failed', detail: `${text}: ${explain(error)}.` }
    : {
        step: 'certificate',
        outcome: 'failed',
        detail: `${text} does not show the certificate of the node: ${explain(error)}.`
      }
}

function stepsOf(error: unknown): Step[] {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error]

  return errors.flatMap(one => (one instanceof ConnectFailure ? one.steps : []))
}

function pem(der: Uint8Array): string {
  const lines = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')

  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
