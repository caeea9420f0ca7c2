import { murmur3 } from './murmur3.ts'
import type { Entry, ShardNode } from './tree-node.ts'

/** All bits of the hash that chooses slots; shards that lie deeper cannot be. */
export const HASH_BITS = 64

/** What a shard says of a name: where it leads, a shard below that may know, or that it is not there. */
export type ShardAnswer =
  | { readonly found: readonly Entry[] }
  | { readonly below: Entry }
  | { readonly found: readonly [] }

/**
 * Looks up `name` in a shard whose ancestors used `used` bits of its hash. Names in a shard begin with the slot
 * in hexadecimal; a name that is only that is a shard of its own.
 */
export function lookUpInShard(shard: ShardNode, name: string, used: number): ShardAnswer {
  const slot = slotOf(name, used, shard.bits)
  const inSlot = shard.entries.filter(entry => entry.name.startsWith(slot))
  const below = inSlot.find(entry => entry.name === slot)

  return below == null ? { found: inSlot.filter(entry => entry.name === slot + name) } : { below }
}

/** The length of the slot before each name, in characters. */
export function slotLength(bits: number): number {
  return (2 ** bits - 1).toString(16).length
}

function slotOf(name: string, used: number, bits: number): string {
  const hash = murmur3(new TextEncoder().encode(name))
  const slot = BigInt.asUintN(bits, hash >> BigInt(HASH_BITS - used - bits))

  return slot.toString(16).toUpperCase().padStart(slotLength(bits), '0')
}
