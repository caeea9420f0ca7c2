import { CID } from 'multiformats/cid'
import {
  isBlockOf,
  MAX_BLOCK_BYTES,
  SourceError,
  type BlockSource
} from '../../../overlay/content/fetch/index.ts'
import { errorMessage } from '../../../identity/index.ts'
import type { BlockFault } from './report.ts'
import type { Tally, TreeBlock } from './tally.ts'
import type { TreeItem } from './walk.ts'

// Blocks that are asked of one source by CID at a time.
const SIDE_BY_SIDE = 4

/** Asks a source for every block of a file or folder, and counts; returns the CIDs of those that it has right. */
export async function checkItem(
  source: BlockSource,
  item: TreeItem,
  tally: Tally,
  signal: AbortSignal
): Promise<ReadonlySet<string>> {
  const right = new Set<string>()

  await checkByCid(source, item.nodes, tally, right, signal)

  if (source.range === undefined) {
    await checkByCid(source, item.leaves, tally, right, signal)
  } else if (item.leaves.length > 0) {
    await checkByRange(source, item, tally, right, signal)
  }

  return right
}

async function checkByCid(
  source: BlockSource,
  blocks: readonly TreeBlock[],
  tally: Tally,
  right: Set<string>,
  signal: AbortSignal
): Promise<void> {
  const waiting = [...blocks]
  const work = async (): Promise<void> => {
    for (let block = waiting.shift(); block !== undefined; block = waiting.shift()) {
      if (source.block === undefined || tally.isGivenUp) {
        tally.skip(1)
      } else {
        await checkBlock(source, block, tally, right, signal)
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, blocks.length) }, work))
}

async function checkBlock(
  source: BlockSource,
  block: TreeBlock,
  tally: Tally,
  right: Set<string>,
  signal: AbortSignal
): Promise<void> {
  try {
    const cid = CID.parse(block.cid)
    const bytes = await source.block?.(cid, { signal, maxBytes: MAX_BLOCK_BYTES })

    if (bytes === undefined) {
      tally.fault(block, 'absent', 'does not have it')
    } else {
      judge(block, bytes, tally, right)
    }
  } catch (error) {
    signal.throwIfAborted()
    tally.fault(block, kindOf(error), errorMessage(error))
  }
}

/** A file as ordinary web servers give it: whole, and cut into its blocks here. */
async function checkByRange(
  source: BlockSource,
  { path, size, leaves }: TreeItem,
  tally: Tally,
  right: Set<string>,
  signal: AbortSignal
): Promise<void> {
  if (tally.isGivenUp) {
    tally.skip(leaves.length)

    return
  }

  const waiting = [...leaves]
  const gathered: Uint8Array[] = []
  let length = 0

  // There is no range of nothing.
  for (const leaf of size === 0 ? waiting.splice(0) : []) {
    judge(leaf, new Uint8Array(), tally, right)
  }

  if (waiting.length === 0) {
    return
  }

  try {
    for await (const chunk of source.range?.(path, 0, size, { signal, size }) ?? []) {
      for (let rest = chunk; rest.length > 0 && waiting[0] !== undefined;) {
        const [leaf] = waiting
        const part = rest.subarray(0, leaf.size - length)

        gathered.push(part)
        length += part.length
        rest = rest.subarray(part.length)

        if (length === leaf.size) {
          judge(leaf, Buffer.concat(gathered), tally, right)
          waiting.shift()
          gathered.length = 0
          length = 0
        }
      }
    }

    if (waiting.length > 0) {
      throw new SourceError('failed', 'sent less than the file')
    }
  } catch (error) {
    signal.throwIfAborted()

    for (const leaf of waiting) {
      tally.fault(leaf, kindOf(error), errorMessage(error))
    }
  }
}

function judge(block: TreeBlock, bytes: Uint8Array, tally: Tally, right: Set<string>): void {
  if (isBlockOf(CID.parse(block.cid), bytes)) {
    tally.right(block)
    right.add(block.cid)
  } else {
    tally.fault(block, 'wrong', `gave ${bytes.length} bytes that are not those which were signed`)
  }
}

function kindOf(error: unknown): BlockFault['kind'] {
  return error instanceof SourceError ? error.kind : 'failed'
}
