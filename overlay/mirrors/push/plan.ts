import type { CID } from 'multiformats/cid'
import { RAW } from '../../content/block.ts'
import { decodeTreeNode } from '../../content/fetch/dag/tree-node.ts'
import { MirrorQuotaError, MirrorTreeError } from '../errors.ts'
import { linksOf, MAX_SITE_BLOCKS } from '../survey.ts'

/**
 * What a mirror lacks of one signed tree, as far as it knows the tree: a block is wanted only when a node that was checked names it, so that whoever pushes
 * cannot leave anything else here.
 */
export class PushPlan {
  readonly root: CID
  readonly #quota: number
  /** Named by the tree so far, and whether they are here. */
  readonly #named = new Set<string>()
  readonly #unlooked: CID[] = []
  readonly #lacking = new Map<string, { readonly cid: CID; readonly size: number }>()
  readonly #sizes = new Map<string, number>()
  #bytes = 0

  /** `quota` in bytes */
  constructor(root: CID, quota: number) {
    this.root = root
    this.#quota = quota
    this.#name(root, 0)
  }

  /** Everything that the tree names is here. */
  get isWhole(): boolean {
    return this.#unlooked.length === 0 && this.#lacking.size === 0
  }

  names(key: string): boolean {
    return this.#named.has(key)
  }

  /** The next block of which it is to be told whether it is here; `found` or `lack` has to follow. */
  next(): CID | undefined {
    return this.#unlooked.pop()
  }

  /**
   * It is here; `bytes` of a node of the tree.
   *
   * @throws {MirrorQuotaError | MirrorTreeError | InvalidTreeError}
   */
  found(cid: CID, bytes?: Uint8Array): void {
    this.#lacking.delete(cid.toString())
    if (cid.code !== RAW && bytes != null) this.#open(cid, bytes)
  }

  lack(cid: CID): void {
    const key = cid.toString()

    this.#lacking.set(key, { cid, size: this.#sizes.get(key) ?? 0 })
  }

  /** Whether a block is one of those that are lacking. */
  wants(cid: CID): boolean {
    return this.#lacking.has(cid.toString())
  }

  /**
   * Counts a block that came, before it is kept: a tree may tell of smaller files than it names.
   *
   * @throws {MirrorQuotaError}
   */
  weigh(cid: CID, length: number): void {
    const key = cid.toString()

    this.#count(Math.max(0, length - (this.#sizes.get(key) ?? 0)))
    this.#sizes.set(key, length)
  }

  /** Some of the blocks that are lacking: those of the tree itself first, since they name others. */
  lacking(max: number): CID[] {
    const all = [...this.#lacking.values()].map(({ cid }) => cid)
    const nodes = all.filter(({ code }) => code !== RAW)

    return [...nodes, ...all.filter(({ code }) => code === RAW)].slice(0, max)
  }

  #open(cid: CID, bytes: Uint8Array): void {
    for (const { cid: child, size = 0 } of linksOf(decodeTreeNode(cid, bytes))) {
      this.#name(child, child.code === RAW ? size : 0)
    }
  }

  #name(cid: CID, size: number): void {
    const key = cid.toString()

    if (this.#named.has(key)) return

    this.#named.add(key)
    this.#sizes.set(key, size)
    this.#count(size)
    if (this.#named.size > MAX_SITE_BLOCKS) throw new MirrorTreeError(MAX_SITE_BLOCKS)
    this.#unlooked.push(cid)
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#quota) throw new MirrorQuotaError(this.#bytes, this.#quota)
  }
}
