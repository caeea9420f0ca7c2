import type { AbortOptions } from '@libp2p/interface'
import { hash, X509Certificate } from 'node:crypto'
import { get } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Fingerprint } from '../../identity/index.ts'
import { SeedError, type SeedFault } from '../errors.ts'
import { decodeSeedAnswer, MAX_SEED_ANSWER_BYTES, type SeedAnswer } from '../seed-answer.ts'
import type { Seed } from '../seed.ts'

/** How long one seed may take to answer, in ms, from the dial. */
export const SEED_TIMEOUT = 5000

const SEED_PATH = '/.well-known/plexnet/seed'

export interface AskSeedOptions extends AbortOptions {
  /** In ms, from the dial to the end of the answer. */
  readonly timeout?: number
}

type HttpsSeed = Extract<Seed, { kind: 'https' }>

/**
 * Asks an https seed for itself and a sample of its network (A26).
 *
 * The answer counts only if the TLS certificate was issued by the authority whose record the answer carries,
 * and, where the seed is pinned, if that authority's fingerprint is the pinned one.
 *
 * @throws {SeedError}
 */
export async function askSeed(
  seed: HttpsSeed,
  { timeout = SEED_TIMEOUT, signal }: AskSeedOptions = {}
): Promise<SeedAnswer> {
  const bound = AbortSignal.timeout(timeout)
  const { bytes, leaf } = await download(
    seed,
    signal == null ? bound : AbortSignal.any([bound, signal])
  ).catch((error: unknown) => {
    signal?.throwIfAborted()
    if (error instanceof SeedError) throw error

    throw bound.aborted
      ? fault(seed, 'timeout', `did not answer within ${timeout} ms`, error)
      : fault(seed, 'unreachable', `cannot be reached (${reason(error)})`, error)
  })
  const answer = decodeSeedAnswer(seed.text, bytes)
  const { certificate } = answer.node

  // The chain that TLS shows is only a claim: anybody can put the pinned certificate behind a leaf of his own.
  if (seed.fingerprint != null && !matches(certificate, seed.fingerprint)) {
    throw new SeedError(
      seed.text,
      'wrong-certificate',
      `The seed ${seed.origin} shows another certificate than the one pinned with #: somebody may be in between, or the seed has a new identity. Ask its operator for the fingerprint.`
    )
  }

  if (!leaf.verify(new X509Certificate(certificate).publicKey)) {
    throw new SeedError(
      seed.text,
      'wrong-certificate',
      `The seed ${seed.origin} answers with the record of a node whose certificate it does not have.`
    )
  }

  return answer
}

interface Download {
  readonly bytes: Uint8Array
  readonly leaf: X509Certificate
}

async function download(seed: HttpsSeed, signal: AbortSignal): Promise<Download> {
  const response = await request(seed, signal)

  try {
    // The certificate is gone with the socket, so it is read before the body.
    const leaf = leafOf(seed, response)

    return { bytes: await readBody(seed, response), leaf }
  } finally {
    response.destroy()
  }
}

async function request(seed: HttpsSeed, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(
      seed.origin + SEED_PATH,
      {
        // Plexnet certificates are their own authorities: `askSeed` checks them.
        rejectUnauthorized: false,
        agent: false,
        signal,
        headers: { accept: 'application/vnd.plexnet.seed' }
      },
      resolve
    ).on('error', reject)
  })
}

function leafOf(seed: HttpsSeed, { socket }: IncomingMessage): X509Certificate {
  const leaf = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined

  if (leaf == null) throw fault(seed, 'wrong-certificate', 'shows no certificate')

  return leaf
}

async function readBody(seed: HttpsSeed, response: IncomingMessage): Promise<Uint8Array> {
  if (response.statusCode !== 200) {
    throw fault(seed, 'bad-answer', `answers ${response.statusCode} where a seed answers 200`)
  }

  const chunks: Uint8Array[] = []
  let length = 0

  for await (const chunk of response) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.length

    if (length > MAX_SEED_ANSWER_BYTES) {
      throw fault(seed, 'bad-answer', `sends more than ${MAX_SEED_ANSWER_BYTES} bytes`)
    }

    chunks.push(chunk)
  }

  return Buffer.concat(chunks)
}

function matches(der: Uint8Array, fingerprint: Fingerprint): boolean {
  return hash(fingerprint.algorithm, der, 'buffer').equals(fingerprint.digest)
}

function fault(seed: HttpsSeed, kind: SeedFault, what: string, cause?: unknown): SeedError {
  return new SeedError(seed.text, kind, `The seed ${seed.origin} ${what}.`, { cause })
}

/** A connection error's message is empty where several addresses were tried: the code always says it. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && typeof error.code === 'string') return error.code

  return error.message
}
