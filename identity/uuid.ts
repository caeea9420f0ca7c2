import { v1 } from 'uuid'
import { InvalidUuidError } from './errors.ts'

/** A node's UUID in its 36-byte lower-case form. */
export type NodeUuid = string & { readonly brand: 'NodeUuid' }

export interface UuidSource {
  /** Six bytes; undefined for random node bits, which reveal no hardware (RFC 9562 section 6.10). */
  mac: Uint8Array | undefined
  /** Milliseconds since 1970. */
  now: number
  /** Sixteen bytes of chance. */
  random: Uint8Array
}

/** The 100-nanosecond ticks in a millisecond, RFC 9562 section 5.1. */
const TICKS = 10_000

// Variant and version are not checked: the specification's own sample bears reserved variant bits.
const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * The UUID that the text names, in lower case.
 *
 * @throws {InvalidUuidError}
 */
export function parseUuid(text: string): NodeUuid {
  const uuid = text.toLowerCase()
  if (!isNodeUuid(uuid)) throw new InvalidUuidError(text)

  return uuid
}

/** A new UUID of version 1, RFC 9562 section 5.1; clock sequence and ticks below a millisecond come from `random`. */
export function createUuid({ mac, now, random }: UuidSource): NodeUuid {
  const chance = new DataView(random.buffer, random.byteOffset, random.byteLength)

  return parseUuid(
    v1({
      msecs: Math.floor(now),
      nsecs: chance.getUint16(0) % TICKS,
      random,
      ...(mac != null && { node: mac })
    })
  )
}

function isNodeUuid(text: string): text is NodeUuid {
  return FORM.test(text)
}
