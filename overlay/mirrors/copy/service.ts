import type { CID } from 'multiformats/cid'
import type { Wanted } from '../../content/fetch/dag/blocks.ts'
import type { MirrorBlocks } from '../blocks/store.ts'
import { MirrorQuotaError } from '../errors.ts'
import type { Gate } from '../pace/service.ts'
import type { Progress } from '../progress.ts'
import { surveyTree, type Leaf, type Survey } from '../survey.ts'

/** Blocks that are fetched at once for one site. */
const FETCHES_AT_ONCE = 4

/** How long one block may take from all sources together, in ms. */
const BLOCK_TIMEOUT = 60_000

/** What a node of the tree counts as until it is here, in bytes: one of 1,024 links has as many. */
const NODE_BYTES = 64 << 10

/** A block from whoever has it, checked. */
export type FetchBlock = (wanted: Wanted, signal: AbortSignal) => Promise<Uint8Array>

export interface CopyOptions {
  readonly root: CID
  /** In bytes. */
  readonly quota: number
  readonly blocks: MirrorBlocks
  readonly fetch: FetchBlock
  readonly gate: Gate
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

/**
 * Makes one version of a site whole: reads its tree, then fetches the blocks that are not here.
 *
 * @throws {MirrorQuotaError} with no file fetched where the tree tells of more
 * @throws {MirrorDiskError | MirrorTreeError | InvalidTreeError} and what `fetch` throws
 */
export async function copyVersion(options: CopyOptions): Promise<Progress> {
  const { root, quota } = options
  const counted = { fetched: 0 }
  const survey = await surveyTree(root, {
    quota,
    get: async cid => nodeOf(cid, options, counted)
  })

  return new LeafCopy(options, survey, counted.fetched).run()
}

async function nodeOf(
  cid: CID,
  { blocks, fetch, gate, signal }: CopyOptions,
  counted: { fetched: number }
): Promise<Uint8Array> {
  const here = await blocks.get(cid)

  if (here != null) return here

  await gate.pass(NODE_BYTES, signal)

  const bytes = await fetch({ cid }, bounded(signal))

  gate.settle(NODE_BYTES, bytes.length)
  await blocks.put(cid, bytes)
  counted.fetched += 1

  return bytes
}

class LeafCopy {
  readonly #options: CopyOptions
  readonly #missing: Leaf[]
  readonly #ended = new AbortController()
  #progress: Progress
  #unannounced = 0

  constructor(options: CopyOptions, survey: Survey, nodesFetched: number) {
    const leaves = [...survey.leaves.values()]

    this.#options = options
    this.#missing = leaves.filter(({ wanted }) => !options.blocks.has(wanted.cid))

    const missingBytes = this.#missing.reduce((sum, { size }) => sum + size, 0)
    const blocks = survey.nodes.size + leaves.length

    this.#progress = {
      files: survey.files,
      bytes: survey.bytes,
      blocks,
      bytesHere: survey.bytes - missingBytes,
      blocksHere: blocks - this.#missing.length,
      blocksFetched: nodesFetched
    }
  }

  async run(): Promise<Progress> {
    const { onProgress } = this.#options

    onProgress(this.#progress)
    try {
      await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, async () => this.#work()))
    } finally {
      this.#ended.abort()
    }

    return this.#progress
  }

  async #work(): Promise<void> {
    const { fetch, gate, blocks, signal, onProgress } = this.#options

    for (let leaf = this.#missing.shift(); leaf != null; leaf = this.#missing.shift()) {
      const ended = AbortSignal.any([signal, this.#ended.signal])
      await gate.pass(leaf.size, ended)

      const bytes = await fetch(leaf.wanted, bounded(ended))

      gate.settle(leaf.size, bytes.length)
      ended.throwIfAborted()
      this.#checkQuota(bytes.length - leaf.size)
      await blocks.put(leaf.wanted.cid, bytes)
      this.#progress = {
        ...this.#progress,
        bytesHere: this.#progress.bytesHere + leaf.size,
        blocksHere: this.#progress.blocksHere + 1,
        blocksFetched: this.#progress.blocksFetched + 1
      }
      onProgress(this.#progress)
    }
  }

  /** A tree may tell of smaller files than it names. */
  #checkQuota(more: number): void {
    this.#unannounced += Math.max(0, more)

    const bytes = this.#progress.bytes + this.#unannounced

    if (bytes > this.#options.quota) throw new MirrorQuotaError(bytes, this.#options.quota)
  }
}

function bounded(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(BLOCK_TIMEOUT)])
}
