import type { CID } from 'multiformats/cid'
import { RAW } from '../../content/block.ts'
import { decodeTreeNode } from '../../content/fetch/dag/tree-node.ts'
import { drawChild, drawWeighing, MAX_DEPTH } from './draw-child.ts'

/** Blocks that are asked of a mirror in one audit, at most: 4 MiB. */
export const MAX_CHALLENGES = 16

/** Whether a reader has what is above the file already: one in two does. */
const WARM = 1 / 2

/** Whether a reader goes on to the next block of a file: three blocks, on average. */
const GOES_ON = 2 / 3

/** A block of the tree that is here, checked; undefined where it is not here. */
export type LoadNode = (cid: CID) => Promise<Uint8Array | undefined>

interface Child {
  readonly cid: CID
  readonly size: number
}

/**
 * The blocks that a reader might ask for next, in the order in which it would: the way from the root down to a file, or not where
 * the reader knows it, and some blocks of the file one after the other.
 *
 * Half of all descents weigh entries by size, so that each block is as likely as any other of its size; half take each entry of a
 * folder alike, so that the few small pages that everybody reads are asked for often. A block that holds a share `s` of the
 * bytes, below folders of n₁ … nₖ entries, is drawn with probability at least `s/2 + 1/(2·n₁·…·nₖ·blocks of its file)`.
 */
export async function drawVisit(root: CID, load: LoadNode, random: () => number): Promise<CID[]> {
  const weighing = drawWeighing(random)
  const way: CID[] = [root]
  let run: readonly CID[] = []

  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const cid = way.at(-1) ?? root
    const children = await childrenOf(cid, load)
    // The leaves of a file are of one size, but for the last.
    const at = drawChild(children.list, children.isFile ? 'by-size' : weighing, random)
    const child = children.list[at]

    if (child == null) break
    if (children.isFile && child.cid.code === RAW) {
      run = runFrom(children.list, at, random)
      break
    }
    way.push(child.cid)
  }

  const last = way.at(-1) ?? root
  const leaf = run.length > 0 ? run : [last]
  const above = run.length > 0 ? way : way.slice(0, -1)

  return [...(random() < WARM ? [] : above), ...leaf].slice(-MAX_CHALLENGES)
}

async function childrenOf(
  cid: CID,
  load: LoadNode
): Promise<{ readonly isFile: boolean; readonly list: readonly Child[] }> {
  const bytes = cid.code === RAW ? undefined : await load(cid)
  const node = bytes && decodeTreeNode(cid, bytes)

  if (node == null || node.kind === 'other') return { isFile: true, list: [] }

  return node.kind === 'file'
    ? { isFile: true, list: node.parts }
    : {
        isFile: false,
        list: node.entries.map(entry => ({ cid: entry.cid, size: entry.size ?? 1 }))
      }
}

function runFrom(children: readonly Child[], at: number, random: () => number): CID[] {
  const run: CID[] = []

  for (let index = at; index < children.length && run.length < MAX_CHALLENGES; index += 1) {
    const child = children[index]

    if (child == null || child.cid.code !== RAW) break
    run.push(child.cid)
    if (random() >= GOES_ON) break
  }

  return run
}
