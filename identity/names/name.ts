import { InvalidNameError } from '../errors.ts'

/** A way from one's own names to somebody: `['alice', 'blog']` is what alice calls blog. Labels are lower-case, in Unicode. */
export type NamePath = readonly string[]

/** More steps than these nobody remembers, and each costs a question to another node. */
export const MAX_NAME_STEPS = 4

/** A DNS label holds 63 bytes, of which punycode may take four characters of ASCII for each. */
const MAX_LABEL_LENGTH = 32

/** Under which names stand in a Host. */
export const NAME_SUFFIX = '.plex.localhost'

const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u

/**
 * One label, as a person typed it.
 *
 * @throws {InvalidNameError}
 */
export function parseLabel(text: string): string {
  const label = text.normalize('NFKC').toLowerCase().normalize('NFC')

  if (label.length > MAX_LABEL_LENGTH || !LABEL.test(label)) {
    throw new InvalidNameError(text, 'a name has letters, digits and hyphens, 32 at most')
  }
  // It could be taken for the address of a node.
  if (/^[0-9a-f]{8}-/.test(label)) throw new InvalidNameError(text, 'it looks like a UUID')
  if (label.startsWith('xn--') || label.slice(2, 4) === '--') {
    throw new InvalidNameError(text, 'write it in its own letters, not in punycode')
  }

  return label
}

/**
 * `alice/blog` or `blog.alice`: the first with the nearest first, the second as in a Host, with the nearest last.
 *
 * @throws {InvalidNameError}
 */
export function parseName(text: string): NamePath {
  const labels = text.includes('/') ? text.split('/') : text.split('.').toReversed()

  if (labels.length > MAX_NAME_STEPS) {
    throw new InvalidNameError(text, `more than ${MAX_NAME_STEPS} steps`)
  }

  return labels.map(parseLabel)
}

/** As a person reads it: `alice/blog`. */
export function formatName(path: NamePath): string {
  return path.join('/')
}
