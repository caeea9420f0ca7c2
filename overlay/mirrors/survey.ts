import type { CID } from 'multiformats/cid'
import { RAW } from '../content/block.ts'
import type { Wanted } from '../content/fetch/dag/blocks.ts'
import { decodeTreeNode, type TreeNode } from '../content/fetch/dag/tree-node.ts'
import { MirrorQuotaError, MirrorTreeError } from './errors.ts'

/** Blocks of one mirrored site, 60 GiB of large files: the name of each is in memory while it is copied. */
export const MAX_SITE_BLOCKS = 250_000

/** Nodes of the tree that are read at once. */
const NODES_AT_ONCE = 8

/** A block of file content. */
export interface Leaf {
  readonly wanted: Wanted
  /** In bytes, as the tree says. */
  readonly size: number
}

/** All that a tree names, each block once. */
export interface Survey {
  /** Blocks of the tree itself, by CID, with their bytes. */
  readonly nodes: ReadonlyMap<string, number>
  /** Blocks of file content, by CID. */
  readonly leaves: ReadonlyMap<string, Leaf>
  readonly files: number
  /** Of nodes and leaves together. */
  readonly bytes: number
}

export interface SurveyOptions {
  /** A block of the tree; undefined where it is passed over with all below it. */
  readonly get: (cid: CID) => Promise<Uint8Array | undefined>
  /** In bytes. */
  readonly quota: number
}

/**
 * What a site consists of, by reading its tree and none of its files.
 *
 * @throws {MirrorQuotaError} as soon as the sizes in the tree add up to more
 * @throws {MirrorTreeError}
 * @throws {InvalidTreeError} and what `get` throws
 */
export async function surveyTree(root: CID, { get, quota }: SurveyOptions): Promise<Survey> {
  const account = new Account(quota)
  const waiting: Step[] = [{ cid: root, isPart: false }]

  while (waiting.length > 0) {
    const batch = waiting.splice(-NODES_AT_ONCE).filter(step => !account.has(step.cid))
    const blocks = await Promise.all(
      batch.map(async step => ({ step, bytes: await get(step.cid) }))
    )

    for (const { step, bytes } of blocks) {
      if (bytes != null && !account.has(step.cid)) waiting.push(...account.add(step, bytes))
    }
  }

  return account
}

interface Step {
  readonly cid: CID
  /** A node between a large file and its blocks. */
  readonly isPart: boolean
}

class Account implements Survey {
  readonly nodes = new Map<string, number>()
  readonly leaves = new Map<string, Leaf>()
  readonly #quota: number
  files = 0
  bytes = 0

  constructor(quota: number) {
    this.#quota = quota
  }

  has(cid: CID): boolean {
    return this.nodes.has(cid.toString())
  }

  /** Takes a node in and returns those below it. */
  add({ cid, isPart }: Step, bytes: Uint8Array): Step[] {
    this.nodes.set(cid.toString(), bytes.length)
    this.#count(bytes.length)

    const node = decodeTreeNode(cid, bytes)
    const links = linksOf(node)

    for (const { cid: child, size = 0 } of links.filter(link => link.cid.code === RAW)) {
      this.#addLeaf({ wanted: { cid: child }, size })
      if (node.kind !== 'file') this.files += 1
    }
    if (node.kind === 'file' && !isPart) this.files += 1

    return links
      .filter(link => link.cid.code !== RAW)
      .map(link => ({ cid: link.cid, isPart: node.kind === 'file' }))
  }

  #addLeaf(leaf: Leaf): void {
    const key = leaf.wanted.cid.toString()

    if (this.leaves.has(key)) return

    this.leaves.set(key, leaf)
    this.#count(leaf.size)
  }

  #count(bytes: number): void {
    this.bytes += bytes
    if (this.bytes > this.#quota) throw new MirrorQuotaError(this.bytes, this.#quota)
    if (this.nodes.size + this.leaves.size > MAX_SITE_BLOCKS) {
      throw new MirrorTreeError(MAX_SITE_BLOCKS)
    }
  }
}

interface Link {
  readonly cid: CID
  readonly size?: number
}

/** What a node names: the parts of a file, or the entries of a folder. */
export function linksOf(node: TreeNode): readonly Link[] {
  switch (node.kind) {
    case 'file':
      return node.parts
    case 'folder':
    case 'shard':
      return node.entries
    case 'other':
      break
  }

  return []
}
