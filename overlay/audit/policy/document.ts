import type { CID } from 'multiformats/cid'
import { RAW, sha256Of } from '../../content/block.ts'
import { decodeTreeNode, type Entry, type TreeNode } from '../../content/fetch/dag/tree-node.ts'
import { isPublicName, nameFault } from '../../content/public-name.ts'
import type { DocumentRange } from '../document/told-document.ts'
import { drawChild, drawWeighing, MAX_DEPTH } from './draw-child.ts'
import type { LoadNode } from './visit.ts'

/** Documents that are asked of a mirror in one audit, at most: 1 MiB. */
export const MAX_DOCUMENTS = 4

/** What is asked for at once, in bytes: what mirrors sign of what they send by path. */
export const MAX_DOCUMENT_BYTES = 256 * 1024

/** A path that is longer is none that clients can be sure to ask for, in characters. */
export const MAX_DOCUMENT_PATH = 512

/** Whether of a large file a whole block is asked for, which can be proved to be wrong, or any part of it, as programs do. */
const BY_BLOCK = 1 / 2

/** How long any such part is at most, in bytes. */
const MAX_PART = 16 * 1024

/** A document as any HTTP client asks for it. */
export interface DocumentAsked {
  readonly path: readonly string[]
  /** Undefined for the whole document. */
  readonly range?: DocumentRange | undefined
}

/** What should come, and what shows it to others. */
export interface DrawnDocument extends DocumentAsked {
  readonly cid: CID
  /** SHA-256 of what was asked for. */
  readonly digest: Uint8Array
  /** Blocks from the root down to the file's own node. */
  readonly evidence: readonly Uint8Array[]
}

/**
 * A document that a client without the tree might ask for; undefined where chance, or what is here of the tree, leads to none. Half of all descents
 * weigh entries by size, half take each alike, as those of `drawVisit`.
 */
export async function drawDocument(
  root: CID,
  load: LoadNode,
  random: () => number
): Promise<DrawnDocument | undefined> {
  const weighing = drawWeighing(random)
  const path: string[] = []
  const evidence: Uint8Array[] = []
  let cid = root

  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (cid.code === RAW) return wholeOrPart(cid, { path, evidence }, load, random)

    const bytes = await load(cid)
    const node = bytes && decodeTreeNode(cid, bytes)

    if (bytes == null || node == null || node.kind === 'other') return undefined
    evidence.push(bytes)
    if (node.kind === 'file') return partOf(cid, node.parts, { path, evidence }, load, random)

    const entry = node.entries[drawChild(node.entries, weighing, random)]
    const name = entry && nameOf(entry, node)

    if (entry == null || name == null) return undefined
    // A shard leads on to another one of the same folder.
    if (name !== '') path.push(name)
    if (path.join('/').length > MAX_DOCUMENT_PATH) return undefined
    cid = entry.cid
  }

  return undefined
}

type Way = Pick<DrawnDocument, 'path' | 'evidence'>

/** A file of one block: most are pages, which people read as a whole. */
async function wholeOrPart(
  cid: CID,
  way: Way,
  load: LoadNode,
  random: () => number
): Promise<DrawnDocument | undefined> {
  const bytes = await load(cid)

  // What is empty has nothing to be altered.
  if (bytes == null || bytes.length === 0) return undefined

  return bytes.length <= MAX_DOCUMENT_BYTES
    ? { ...way, cid, digest: cid.multihash.digest }
    : { ...way, cid, ...someOf(bytes, 0, random) }
}

async function partOf(
  cid: CID,
  parts: readonly { readonly cid: CID; readonly size: number }[],
  way: Way,
  load: LoadNode,
  random: () => number
): Promise<DrawnDocument | undefined> {
  const at = Math.floor(random() * parts.length)
  const part = parts[at]
  const start = parts.slice(0, at).reduce((sum, { size }) => sum + size, 0)

  // Files of more than a thousand blocks have nodes below their own; these are asked for as blocks.
  if (part == null || part.cid.code !== RAW || part.size === 0) return undefined
  if (part.size <= MAX_DOCUMENT_BYTES && random() < BY_BLOCK) {
    const range = { start, end: start + part.size }

    return { ...way, cid, range, digest: part.cid.multihash.digest }
  }

  const bytes = await load(part.cid)

  return bytes == null ? undefined : { ...way, cid, ...someOf(bytes, start, random) }
}

/** Any part of a block that stands at `at` of its file. */
function someOf(
  bytes: Uint8Array,
  at: number,
  random: () => number
): Pick<DrawnDocument, 'range' | 'digest'> {
  const start = Math.floor(random() * bytes.length)
  const end = Math.min(bytes.length, start + 1 + Math.floor(random() * MAX_PART))

  return { range: { start: at + start, end: at + end }, digest: sha256Of(bytes.slice(start, end)) }
}

/** Empty for what is another shard; undefined for what cannot be asked for. */
function nameOf({ name }: Entry, node: TreeNode): string | undefined {
  const prefix = node.kind === 'shard' ? Math.ceil(node.bits / 4) : 0
  const own = name.slice(prefix)

  if (own === '') return node.kind === 'shard' ? '' : undefined

  return isPublicName(own) && nameFault(own) == null && own.isWellFormed() ? own : undefined
}
