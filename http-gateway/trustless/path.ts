import type { CID } from 'multiformats/cid'
import { readDagNode, type DagLink } from './dag-node.ts'
import type { Block, LoadBlock } from './walk.ts'

export type Followed =
  | { readonly kind: 'found'; readonly way: readonly Block[]; readonly end: Block }
  | { readonly kind: 'missing-root' | 'missing-name' | 'missing-block' }

// Two hexadecimal digits of a hash lead each entry of a sharded folder, or stand alone before a further shard.
const SHARD_PREFIX = 2

/** The blocks on the way from a root down to what a path names. */
export async function follow(
  root: CID,
  names: readonly string[],
  load: LoadBlock
): Promise<Followed> {
  const way: Block[] = []
  let end = await blockOf(root, load)

  if (end === undefined) {
    return { kind: 'missing-root' }
  }

  for (const name of names) {
    const step = await enter(end, name, load)

    if ('kind' in step) {
      return step
    }

    way.push(...step.way)
    end = step.end
  }

  return { kind: 'found', way, end }
}

type Entered =
  | { readonly way: readonly Block[]; readonly end: Block }
  | { readonly kind: 'missing-name' | 'missing-block' }

async function enter(folder: Block, name: string, load: LoadBlock): Promise<Entered> {
  const found = await findLink(folder, name, load)

  if (found === undefined) {
    return { kind: 'missing-name' }
  }

  const end = await blockOf(found.link.cid, load)

  return end === undefined ? { kind: 'missing-block' } : { way: found.way, end }
}

interface FoundLink {
  readonly link: DagLink
  readonly way: readonly Block[]
}

/** Looks through shards one after the other: which of them holds a name is told by a hash that only they need. */
async function findLink(
  block: Block,
  name: string,
  load: LoadBlock
): Promise<FoundLink | undefined> {
  const { kind, links } = readDagNode(block.cid, block.bytes)

  if (kind === 'directory') {
    const link = links.find(one => one.name === name)

    return link && { link, way: [block] }
  }

  if (kind !== 'shards') {
    return undefined
  }

  const link = links.find(one => one.name.slice(SHARD_PREFIX) === name && name !== '')

  if (link !== undefined) {
    return { link, way: [block] }
  }

  for (const { cid, name: prefix } of links) {
    const shard = prefix.length === SHARD_PREFIX ? await blockOf(cid, load) : undefined
    const found = shard && (await findLink(shard, name, load))

    if (found !== undefined) {
      return { link: found.link, way: [block, ...found.way] }
    }
  }

  return undefined
}

async function blockOf(cid: CID, load: LoadBlock): Promise<Block | undefined> {
  const bytes = await load(cid)

  return bytes && { cid, bytes }
}
