import { decode, type PBLink } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import type { Blocks } from './blocks.ts'
import { digitAt } from './hash-digits.ts'
import { nodeOf, type Linked } from './node.ts'

const FANOUT = 256n
const MURMUR3_X64_64 = 0x22n

type Changes = ReadonlyMap<string, Linked | undefined>

/** What is in a slot: one entry, or a shard of those whose names have the same digits so far. */
type Slot = { readonly name: string; readonly linked: Linked } | { readonly shard: Linked }

/**
 * The root shard of a directory with its changes. The form follows from the names alone, however they came and went: a shard
 * below the root exists where at least two names share a slot.
 *
 * Source: specs.ipfs.tech/unixfs, "dag-pb HAMTDirectory"
 */
export async function editShard(
  cid: CID | undefined,
  changes: Changes,
  blocks: Blocks
): Promise<Linked> {
  return encodeShard(await editSlots(cid, changes, 0, blocks), blocks)
}

async function editSlots(
  cid: CID | undefined,
  changes: Changes,
  depth: number,
  blocks: Blocks
): Promise<Map<number, Slot>> {
  const slots = cid == null ? new Map<number, Slot>() : slotsIn(await blocks.load(cid))

  for (const [digit, inSlot] of byDigit(changes, depth)) {
    const slot = await editSlot(slots.get(digit), inSlot, depth, blocks)

    if (slot == null) slots.delete(digit)
    else slots.set(digit, slot)
  }

  return slots
}

async function editSlot(
  slot: Slot | undefined,
  changes: Changes,
  depth: number,
  blocks: Blocks
): Promise<Slot | undefined> {
  const below = slot != null && 'shard' in slot ? slot.shard.cid : undefined
  const single = slot != null && 'name' in slot ? [[slot.name, slot.linked] as const] : []

  if (below == null) {
    const present = [...new Map([...single, ...changes])].filter(isPresent)
    const [first, second] = present

    if (first == null) return undefined
    if (second == null) return { name: first[0], linked: first[1] }

    return shardOf(await editSlots(undefined, new Map(present), depth + 1, blocks), blocks)
  }

  return shardOf(await editSlots(below, changes, depth + 1, blocks), blocks)
}

/** A shard with one entry is that entry. */
async function shardOf(slots: Map<number, Slot>, blocks: Blocks): Promise<Slot | undefined> {
  const [first, second] = slots.values()

  if (first == null) return undefined
  if (second == null && 'name' in first) return first

  return { shard: await encodeShard(slots, blocks) }
}

function byDigit(changes: Changes, depth: number): Map<number, Changes> {
  return Map.groupBy(changes, ([name]) => digitAt(name, depth))
    .entries()
    .map(([digit, entries]) => [digit, new Map(entries)] as const)
    .reduce((groups, [digit, entries]) => groups.set(digit, entries), new Map<number, Changes>())
}

function isPresent(entry: readonly [string, Linked | undefined]): entry is [string, Linked] {
  return entry[1] != null
}

function slotsIn(bytes: Uint8Array): Map<number, Slot> {
  return new Map(
    decode(bytes).Links.map(({ Name = '', Hash, Tsize = 0 }) => {
      const linked = { cid: Hash, size: Tsize }
      const name = Name.slice(2)

      return [
        Number.parseInt(Name.slice(0, 2), 16),
        name === '' ? { shard: linked } : { name, linked }
      ]
    })
  )
}

async function encodeShard(slots: ReadonlyMap<number, Slot>, blocks: Blocks): Promise<Linked> {
  const data = new UnixFS({
    type: 'hamt-sharded-directory',
    data: bitField([...slots.keys()]),
    fanout: FANOUT,
    hashType: MURMUR3_X64_64
  })
  const node = nodeOf(data, [...slots].map(linkOf))

  await blocks.emit(node.block)

  return node
}

function linkOf([digit, slot]: readonly [number, Slot]): PBLink {
  const label = digit.toString(16).toUpperCase().padStart(2, '0')

  return 'shard' in slot
    ? { Name: label, Hash: slot.shard.cid, Tsize: slot.shard.size }
    : { Name: label + slot.name, Hash: slot.linked.cid, Tsize: slot.linked.size }
}

/** Which slots are taken, as a big-endian number without leading zeros. */
function bitField(digits: readonly number[]): Uint8Array {
  const bytes = new Uint8Array((Math.max(-1, ...digits) >> 3) + 1)

  for (const digit of digits) {
    const at = bytes.length - 1 - (digit >> 3)

    bytes[at] = (bytes[at] ?? 0) | (1 << (digit & 7))
  }

  return bytes
}
