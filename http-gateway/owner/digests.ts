import { createHash, timingSafeEqual, type Hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { parseDictionary } from 'structured-headers'
import { DigestFieldError, DigestMismatchError } from './errors.ts'

// RFC 9530 section 5: the others are of no use against anybody, or not known here, and a recipient may leave them out.
const ALGORITHMS = { 'sha-256': 'sha256', 'sha-512': 'sha512' } as const
const LENGTHS = { 'sha-256': 32, 'sha-512': 64 } as const

// A document is taken whole and without a coding, so that both are digests of the same bytes.
const FIELDS = ['content-digest', 'repr-digest'] as const

type Algorithm = keyof typeof ALGORITHMS

interface Wanted {
  readonly field: (typeof FIELDS)[number]
  readonly algorithm: Algorithm
  readonly digest: Uint8Array
}

/** What the content of a request must hash to, by its fields and by those that come after it (RFC 9530). */
export class DigestCheck {
  readonly #wanted: readonly Wanted[]
  readonly #hashes = new Map<Algorithm, Hash>()

  /** @throws {DigestFieldError} */
  constructor(headers: IncomingHttpHeaders) {
    this.#wanted = wantedIn(headers)

    const comesLater = FIELDS.some(field => headers.trailer?.toLowerCase().includes(field))
    const algorithms = comesLater
      ? (['sha-256', 'sha-512'] as const)
      : this.#wanted.map(({ algorithm }) => algorithm)

    for (const algorithm of algorithms) {
      this.#hashes.set(algorithm, createHash(ALGORITHMS[algorithm]))
    }
  }

  update(chunk: Uint8Array): void {
    for (const hash of this.#hashes.values()) {
      hash.update(chunk)
    }
  }

  /**
   * @param trailers that came after the content
   * @throws {DigestMismatchError | DigestFieldError}
   */
  verify(trailers: NodeJS.Dict<string>): void {
    const found = new Map(
      [...this.#hashes].map(([algorithm, hash]) => [algorithm, hash.digest()] as const)
    )

    for (const { field, algorithm, digest } of [...this.#wanted, ...wantedIn(trailers)]) {
      const actual = found.get(algorithm)

      if (actual !== undefined && !timingSafeEqual(actual, digest)) {
        throw new DigestMismatchError(field, algorithm)
      }
    }
  }
}

function wantedIn(fields: NodeJS.Dict<string | string[]>): Wanted[] {
  return FIELDS.flatMap(field => {
    const text = fields[field]?.toString()

    return text === undefined ? [] : readField(field, text)
  })
}

function readField(field: Wanted['field'], text: string): Wanted[] {
  let members: ReturnType<typeof parseDictionary>

  try {
    members = parseDictionary(text)
  } catch (cause) {
    // RFC 9651 section 4.2 would have it left out: but somebody asked for a check, and would believe that it was made.
    throw new DigestFieldError(field, 'it is no dictionary', { cause })
  }

  return [...members].flatMap(([name, [value]]) => {
    if (!isAlgorithm(name)) {
      return []
    }

    if (!(value instanceof ArrayBuffer) || value.byteLength !== LENGTHS[name]) {
      throw new DigestFieldError(field, `${name} is not ${LENGTHS[name]} bytes between colons`)
    }

    return [{ field, algorithm: name, digest: new Uint8Array(value) }]
  })
}

function isAlgorithm(name: string): name is Algorithm {
  return name in ALGORITHMS
}
