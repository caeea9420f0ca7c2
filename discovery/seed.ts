import { parseFingerprint, type Fingerprint } from '../identity/index.ts'
import { SeedError } from './errors.ts'

/** Where first contact is made (A26): an https address with an optional fingerprint, or a multiaddr. */
export type Seed =
  | {
      readonly kind: 'https'
      readonly text: string
      /** `https://host:port` */
      readonly origin: string
      readonly fingerprint?: Fingerprint
    }
  | { readonly kind: 'multiaddr'; readonly text: string }

const DEFAULT_HTTPS_PORT = 9010

/**
 * Reads `https://host[:9010][#SHA256:A5CA…]` or `/ip4/…/tcp/…[/p2p/…]`.
 *
 * @throws {SeedError}
 */
export function parseSeed(text: string): Seed {
  const trimmed = text.trim()

  return trimmed.startsWith('/') ? { kind: 'multiaddr', text: trimmed } : parseHttpsSeed(trimmed)
}

/** How another node is told of a seed, its certificate pinned. */
export function formatHttpsSeed(origin: string, fingerprint: Fingerprint): string {
  const digest = Buffer.from(fingerprint.digest).toString('hex').toUpperCase()

  return `${origin}#${fingerprint.algorithm.toUpperCase()}:${digest}`
}

function parseHttpsSeed(text: string): Seed {
  const url = URL.parse(text)

  if (url?.protocol !== 'https:') {
    throw new SeedError(
      text,
      'bad-address',
      `"${text}" is no seed: give https://host:9010, with #SHA256:… to pin its certificate, or a multiaddr such as /ip4/192.0.2.1/tcp/7010.`
    )
  }

  // URL drops the scheme's own default, 443, so the text decides whether a port was given.
  const port = /^https:\/\/[^/#?]*:443(?:[/#?]|$)/i.test(text) ? '443' : url.port
  const origin = `https://${url.hostname}:${port === '' ? DEFAULT_HTTPS_PORT : port}`
  const pin = url.hash.slice(1)

  return pin === ''
    ? { kind: 'https', text, origin }
    : { kind: 'https', text, origin, fingerprint: readPin(text, pin) }
}

function readPin(text: string, pin: string): Fingerprint {
  try {
    return parseFingerprint(decodeURIComponent(pin))
  } catch (error) {
    throw new SeedError(
      text,
      'bad-address',
      `The fingerprint behind # in the seed "${text}" cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error }
    )
  }
}
