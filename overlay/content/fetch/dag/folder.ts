import type { CID } from 'multiformats/cid'
import { InvalidTreeError } from '../errors.ts'
import type { Blocks } from './blocks.ts'
import { HASH_BITS, lookUpInShard, slotLength } from './shard.ts'
import { decodeTreeNode, type Entry, type ShardNode } from './tree-node.ts'

/** The longest name that is looked up or listed, in UTF-16 units: what file systems take, and some room. */
const MAX_NAME_LENGTH = 1024

/** Shards that a listing may read beyond one for each name that it found: what a tree of empty shards costs at most. */
const MAX_BARREN_SHARDS = 4096

/** A name that a folder may have: anything else could mean another place, or none, on somebody's machine. */
export function isEntryName(name: string): boolean {
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    name.length <= MAX_NAME_LENGTH &&
    !name.includes('/') &&
    !name.includes('\0')
  )
}

/**
 * The entry called `name`.
 *
 * @throws {InvalidTreeError} The name is there twice, or the shards make no sense.
 */
export async function findEntry(
  blocks: Blocks,
  folder: { readonly cid: CID; readonly entries: readonly Entry[] } | ShardAt,
  name: string,
  signal: AbortSignal
): Promise<Entry | undefined> {
  if (!isEntryName(name)) return undefined

  const found =
    'shard' in folder
      ? await findInShards(blocks, folder, name, signal)
      : folder.entries.filter(entry => entry.name === name)

  if (found.length > 1) throw new InvalidTreeError(folder.cid, `has ${name} twice`)

  return found[0]
}

/** A shard, and how many bits of a name's hash those above it used. */
export interface ShardAt {
  readonly cid: CID
  readonly shard: ShardNode
  readonly used: number
}

/** All entries below a shard, in the order of the tree; what has no proper name is left out. */
export async function* listShards(
  blocks: Blocks,
  top: ShardAt,
  signal: AbortSignal
): AsyncGenerator<Entry> {
  const open: ShardAt[] = [top]
  let barren = 0

  for (let at = open.pop(); at != null; at = open.pop()) {
    const named = namedEntries(at)

    yield* named
    barren += 1 - named.length
    if (barren > MAX_BARREN_SHARDS) {
      throw new InvalidTreeError(top.cid, 'spreads few names over very many shards')
    }
    for (const below of shardsBelow(at)) open.push(await openShard(blocks, at, below, signal))
  }
}

/** The entries of a folder in one block that have proper names. */
export function namedEntriesOf(cid: CID, entries: readonly Entry[]): Entry[] {
  const proper = entries.filter(({ name }) => isEntryName(name))

  if (new Set(proper.map(({ name }) => name)).size < proper.length) {
    throw new InvalidTreeError(cid, 'has a name twice')
  }

  return proper
}

async function findInShards(
  blocks: Blocks,
  top: ShardAt,
  name: string,
  signal: AbortSignal
): Promise<readonly Entry[]> {
  for (let at = top; ;) {
    if (at.used + at.shard.bits > HASH_BITS) {
      throw new InvalidTreeError(at.cid, 'lies deeper than names can be hashed')
    }

    const answer = lookUpInShard(at.shard, name, at.used)

    if ('found' in answer) return answer.found
    at = await openShard(blocks, at, answer.below, signal)
  }
}

async function openShard(
  blocks: Blocks,
  parent: ShardAt,
  { cid }: Entry,
  signal: AbortSignal
): Promise<ShardAt> {
  const shard = decodeTreeNode(cid, await blocks.get({ cid }, signal))

  if (shard.kind !== 'shard') throw new InvalidTreeError(parent.cid, 'has a shard that is none')

  return { cid, shard, used: parent.used + parent.shard.bits }
}

function namedEntries({ cid, shard }: ShardAt): Entry[] {
  const prefix = slotLength(shard.bits)

  return namedEntriesOf(
    cid,
    shard.entries.map(entry => ({ ...entry, name: entry.name.slice(prefix) }))
  )
}

function shardsBelow({ shard }: ShardAt): Entry[] {
  return shard.entries.filter(({ name }) => name.length === slotLength(shard.bits))
}
