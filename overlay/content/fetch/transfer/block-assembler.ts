import type { CID } from 'multiformats/cid'
import { BlockCheck } from '../../block.ts'

export interface AssembledBlock {
  readonly chunks: readonly Uint8Array[]
  readonly isRight: boolean
}

/** Cuts a stream of bytes into blocks of known sizes, however the stream is cut, and checks them without copying a byte. */
export class BlockAssembler {
  readonly #blocks: readonly { readonly cid: CID; readonly size: number }[]
  #index = 0
  #chunks: Uint8Array[] = []
  #check = new BlockCheck()
  #missing: number

  /** `size` in bytes, never 0. */
  constructor(blocks: readonly { readonly cid: CID; readonly size: number }[]) {
    this.#blocks = blocks
    this.#missing = blocks[0]?.size ?? 0
  }

  /** The block, counted from the first, that the next byte belongs to. */
  get index(): number {
    return this.#index
  }

  get isComplete(): boolean {
    return this.#index >= this.#blocks.length
  }

  /** Takes what belongs to the present block and returns the rest; with the block where it is complete. */
  add(chunk: Uint8Array): { readonly rest: Uint8Array; readonly block?: AssembledBlock } {
    const taken = chunk.length > this.#missing ? chunk.subarray(0, this.#missing) : chunk
    const rest = chunk.subarray(taken.length)

    this.#chunks.push(taken)
    this.#check.add(taken)
    this.#missing -= taken.length

    return this.#missing > 0 ? { rest } : { rest, block: this.#complete() }
  }

  #complete(): AssembledBlock {
    const chunks = this.#chunks
    const cid = this.#blocks[this.#index]?.cid
    const isRight = cid != null && this.#check.isBlock(cid)

    this.#index += 1
    this.#chunks = []
    this.#check = new BlockCheck()
    this.#missing = this.#blocks[this.#index]?.size ?? 0

    return { chunks, isRight }
  }
}
