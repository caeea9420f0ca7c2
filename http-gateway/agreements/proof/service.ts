import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import {
  MAX_MIRROR_RECORD_BYTES,
  openMirrorRecord,
  type VerifiedMirror
} from '../../../overlay/agreements/index.ts'
import type { HttpGet } from '../../../overlay/content/fetch/index.ts'

export interface ProofOptions {
  readonly own: FullAddress
  readonly nodeGetter: (address: FullAddress) => HttpGet
  readonly webGetter: (url: URL) => HttpGet
  /** Whether a place may be told to others, and asked. */
  readonly isAllowed: (uri: string) => boolean
}

/** What a node says of its mirror of the own site: `none` where it says that it has none. */
export type Proof =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'mirror'
      readonly record: VerifiedMirror
      /** Those of its places that answer for it. */
      readonly uris: readonly string[]
    }

/** Where a node says what it is to a site. */
export function mirrorPath(site: FullAddress): string {
  return `/.well-known/plexnet/mirror/${formatAddress(site)}`
}

/**
 * Asks a node over a connection that proves who it is; then each place that it names has to give its signed word, too, so that nobody makes a
 * mirror of somebody else’s server.
 *
 * @throws where the node cannot be asked now, or says what cannot be used
 */
export async function askForProof(
  node: FullAddress,
  options: ProofOptions,
  signal: AbortSignal
): Promise<Proof> {
  const bytes = await read(options.nodeGetter(node), mirrorPath(options.own), signal)

  if (bytes === undefined) return { kind: 'none' }

  const record = openMirrorRecord(bytes, Date.now())

  if (!isOf(record, node, options.own)) {
    throw new Error('It gave the word of another node, or for another site.')
  }

  if (record.isWithdrawn) return { kind: 'none' }

  const answers = await Promise.all(
    record.uris
      .filter(uri => options.isAllowed(uri))
      .map(async uri => ((await speaksFor(uri, record, options, signal)) ? [uri] : []))
  )

  return { kind: 'mirror', record, uris: answers.flat() }
}

async function speaksFor(
  uri: string,
  { address, seq }: VerifiedMirror,
  { own, webGetter }: ProofOptions,
  signal: AbortSignal
): Promise<boolean> {
  try {
    const bytes = await read(webGetter(new URL(uri)), mirrorPath(own), signal)
    const word = bytes === undefined ? undefined : openMirrorRecord(bytes, Date.now())

    return (
      word !== undefined && isOf(word, address, own) && word.seq >= seq && word.uris.includes(uri)
    )
  } catch {
    return false
  }
}

function isOf({ address, site }: VerifiedMirror, node: FullAddress, own: FullAddress): boolean {
  return (
    formatAddress(address) === formatAddress(node) && formatAddress(site) === formatAddress(own)
  )
}

/** Undefined where there is none. */
async function read(
  get: HttpGet,
  path: string,
  signal: AbortSignal
): Promise<Uint8Array | undefined> {
  const { status, body } = await get(path, {}, signal)
  const chunks: Uint8Array[] = []
  let length = 0

  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > MAX_MIRROR_RECORD_BYTES) break
  }

  if (status === 404 || status === 410) return undefined
  if (status !== 200) throw new Error(`It answers ${status}.`)

  return Buffer.concat(chunks)
}
