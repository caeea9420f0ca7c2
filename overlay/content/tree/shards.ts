import { decode, type PBLink } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import type { Blocks } from './blocks.ts'
import { digitAt, hashed, type Hashed } from './hash-digits.ts'
import { nodeOf, type Linked } from './node.ts'

const FANOUT = 256n
const MURMUR3_X64_64 = 0x22n

/** After so many names others have their turn: hashing one takes some µs. */
const NAMES_IN_ONE_TURN = 1000

type Changes = ReadonlyMap<string, Linked | undefined>

interface Change extends Hashed {
  /** Undefined for a name that is no longer there. */
  readonly linked: Linked | undefined
}

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
  return encodeShard(await editSlots(cid, await hashAll(changes, blocks), 0, blocks), blocks)
}

async function hashAll(changes: Changes, blocks: Blocks): Promise<Change[]> {
  const all: Change[] = []

  for (const [name, linked] of changes) {
    all.push({ ...hashed(name), linked })
    if (all.length % NAMES_IN_ONE_TURN === 0) await blocks.pause()
  }

  return all
}

async function editSlots(
  cid: CID | undefined,
  changes: readonly Change[],
  depth: number,
  blocks: Blocks
): Promise<Map<number, Slot>> {
  const slots = cid == null ? new Map<number, Slot>() : slotsIn(await blocks.load(cid))

  for (const [digit, inSlot] of Map.groupBy(changes, change => digitAt(change, depth))) {
    const slot = await editSlot(slots.get(digit), inSlot, depth, blocks)

    if (slot == null) slots.delete(digit)
    else slots.set(digit, slot)
  }

  return slots
}

async function editSlot(
  slot: Slot | undefined,
  changes: readonly Change[],
  depth: number,
  blocks: Blocks
): Promise<Slot | undefined> {
  if (slot != null && 'shard' in slot) {
    return shardOf(await editSlots(slot.shard.cid, changes, depth + 1, blocks), blocks)
  }

  const present = presentAfter(slot, changes)
  const [first, second] = present

  if (first?.linked == null) return undefined
  if (second == null) return { name: first.name, linked: first.linked }

  return shardOf(await editSlots(undefined, present, depth + 1, blocks), blocks)
}

/** The entries that are in a slot once it has changed. */
function presentAfter(
  single: { readonly name: string; readonly linked: Linked } | undefined,
  changes: readonly Change[]
): Change[] {
  const isChanged = changes.some(({ name }) => name === single?.name)
  const kept =
    single == null || isChanged ? [] : [{ ...hashed(single.name), linked: single.linked }]

  return [...kept, ...changes.filter(({ linked }) => linked != null)]
}

/** A shard with one entry is that entry. */
async function shardOf(slots: Map<number, Slot>, blocks: Blocks): Promise<Slot | undefined> {
  const [first, second] = slots.values()

  if (first == null) return undefined
  if (second == null && 'name' in first) return first

  return { shard: await encodeShard(slots, blocks) }
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
