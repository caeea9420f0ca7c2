import { UsageError } from './errors.ts'

const SCHEME = 'plexnet:'

/** What a code to scan carries. */
export interface Scanned {
  readonly address: string
  readonly fingerprint?: string
}

/** `plexnet:<address>#SHA256:<hex>`, which a phone shows and `trust add` takes. */
export function formatLink(address: string, fingerprint: string): string {
  return `${SCHEME}${address}#${fingerprint.replaceAll(' ', '')}`
}

/**
 * An address as it was typed, or the link of a code that was scanned.
 *
 * @throws {UsageError}
 */
export function readScanned(text: string): Scanned {
  if (!text.toLowerCase().startsWith(SCHEME)) return { address: text }

  const [address = '', fingerprint] = text.slice(SCHEME.length).split('#')

  if (address === '') throw new UsageError(`${JSON.stringify(text)} carries no address`)

  return fingerprint == null ? { address } : { address, fingerprint }
}
