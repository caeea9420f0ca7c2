import { decode, encode } from '@ipld/dag-cbor'
import { formatAddress, parseFullAddress, type FullAddress } from '../address.ts'
import { InvalidNameError } from '../errors.ts'
import { parseLabel } from './name.ts'

/** Names that one node gives, by label. */
export type NameBook = ReadonlyMap<string, FullAddress>

/** Names that one node may publish. */
export const MAX_NAMES = 1000

/** The largest document of names that is read, in bytes: 1,000 labels of 32 letters, with addresses. */
export const MAX_NAMES_BYTES = 256 * 1024

/** What a node serves of the names that it publishes for others. */
export function encodeNames(book: NameBook): Uint8Array {
  return encode({ names: [...book].map(([label, address]) => [label, formatAddress(address)]) })
}

/**
 * The names in a document; labels that may not be, and addresses without a key, are left out.
 *
 * @throws {InvalidNameError}
 */
export function readNames(bytes: Uint8Array): NameBook {
  const entries = readEntries(bytes)

  return new Map(entries.slice(0, MAX_NAMES).flatMap(readEntry))
}

function readEntries(bytes: Uint8Array): readonly unknown[] {
  if (bytes.length > MAX_NAMES_BYTES) throw new InvalidNameError('', 'the list is too large')

  try {
    const value: unknown = decode(bytes)

    if (typeof value === 'object' && value != null && 'names' in value) {
      if (Array.isArray(value.names)) return value.names
    }
  } catch (cause) {
    throw new InvalidNameError('', 'the list is not DAG-CBOR', { cause })
  }
  throw new InvalidNameError('', 'there is no list of names')
}

function readEntry(entry: unknown): [string, FullAddress][] {
  const [label, text]: unknown[] = Array.isArray(entry) ? entry : []

  if (typeof label !== 'string' || typeof text !== 'string') return []

  try {
    return parseLabel(label) === label ? [[label, parseFullAddress(text)]] : []
  } catch {
    return []
  }
}
