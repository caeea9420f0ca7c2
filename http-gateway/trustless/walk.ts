import type { CID } from 'multiformats/cid'
import { readDagNode, type DagLink, type DagNode } from './dag-node.ts'
import type { DagScope, EntityBytes } from './request.ts'

export interface Block {
  readonly cid: CID
  readonly bytes: Uint8Array
}

/** A block of content that is here, undefined where it is not. */
export type LoadBlock = (cid: CID) => Promise<Uint8Array | undefined>

export interface WalkOptions {
  readonly scope: DagScope
  readonly bytes: EntityBytes | undefined
  readonly dups: boolean
  readonly load: LoadBlock
}

/** First and last byte, both within the file; undefined where the range holds none of it. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** A block in the middle of a tree is not here. */
export class MissingBlockError extends Error {
  override readonly name = 'MissingBlockError'
  readonly code = 'PLEXNET_NO_BLOCK'

  constructor(cid: CID) {
    super(`The block ${cid.toString()} of the tree is not here.`)
  }
}

/** A tree is too large for what was asked of it. */
export class WalkTooLongError extends Error {
  override readonly name = 'WalkTooLongError'
  readonly code = 'PLEXNET_TREE_TOO_LARGE'

  constructor(blocks: number) {
    super(`A tree of more than ${blocks} blocks was not sent whole.`)
  }
}

/** Blocks in one archive, 64 GiB of content: what has been sent is remembered, about 100 bytes for each. */
const MAX_BLOCKS = 250_000

// Children that wait on the way down; a node of our trees has 1,024.
const MAX_WAITING = 1_000_000

const SHARD_NAME_LENGTH = 2

interface Step {
  readonly cid: CID
  /** Where the bytes below begin in the file. */
  readonly offset: number
}

/** The blocks below a root that a scope takes in, each parent before its children, in the order of the file (`order=dfs`). */
export async function* walk(root: Block, options: WalkOptions): AsyncGenerator<Block> {
  const node = readDagNode(root.cid, root.bytes)
  const range = node.kind === 'file' ? readRange(options.bytes, node.size) : WHOLE
  const sent = new Set<string>()
  const waiting = range === undefined ? [] : childrenOf(node, 0, options.scope, range)
  let count = 1

  remember(sent, root.cid)
  yield root

  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    if (!options.dups && !remember(sent, step.cid)) {
      continue
    }

    const bytes = await options.load(step.cid)

    if (bytes === undefined) {
      throw new MissingBlockError(step.cid)
    }

    if (++count > MAX_BLOCKS || waiting.length > MAX_WAITING) {
      throw new WalkTooLongError(MAX_BLOCKS)
    }

    yield { cid: step.cid, bytes }
    waiting.push(
      ...childrenOf(readDagNode(step.cid, bytes), step.offset, options.scope, range ?? WHOLE)
    )
  }
}

const WHOLE: Range = { first: 0, last: Infinity }

/** What `entity-bytes` means for a file of `size` bytes. */
export function readRange(bytes: EntityBytes | undefined, size: number): Range | undefined {
  if (bytes === undefined) {
    return WHOLE
  }

  const first = bytes.from < 0 ? Math.max(0, size + bytes.from) : bytes.from
  const last = bytes.to === undefined ? size - 1 : bytes.to < 0 ? size + bytes.to - 1 : bytes.to

  return first < size && last >= first ? { first, last: Math.min(last, size - 1) } : undefined
}

/** The last first, so that the first is taken from the end. */
function childrenOf(node: DagNode, offset: number, scope: DagScope, range: Range): Step[] {
  const steps: Step[] = []
  let at = offset

  for (const link of node.links) {
    if (isWanted(node, link, scope, at, range)) {
      steps.push({ cid: link.cid, offset: at })
    }

    at += link.size
  }

  return steps.toReversed()
}

function isWanted(
  { kind }: DagNode,
  link: DagLink,
  scope: DagScope,
  offset: number,
  { first, last }: Range
): boolean {
  if (scope !== 'entity') {
    return scope === 'all'
  }

  return kind === 'file'
    ? offset <= last && offset + link.size > first
    : kind === 'shards' && link.name.length === SHARD_NAME_LENGTH
}

/** False where it was there. */
function remember(sent: Set<string>, { multihash }: CID): boolean {
  const key = Buffer.from(multihash.bytes).toString('latin1')
  const isNew = !sent.has(key)

  sent.add(key)

  return isNew
}
