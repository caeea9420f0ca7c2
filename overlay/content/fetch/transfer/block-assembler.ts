/** Cuts a stream of bytes into blocks of known sizes, however the stream is cut. */
export class BlockAssembler {
  readonly #sizes: readonly number[]
  #index = 0
  #block: Buffer | undefined
  #filled = 0

  /** `sizes` in bytes, none of them 0. */
  constructor(sizes: readonly number[]) {
    this.#sizes = sizes
  }

  /** The block, counted from the first, that the next byte belongs to. */
  get index(): number {
    return this.#index
  }

  get isComplete(): boolean {
    return this.#index >= this.#sizes.length
  }

  /** Takes what belongs to the present block and returns the rest; with the block where it is complete. */
  add(chunk: Uint8Array): { readonly rest: Uint8Array; readonly block?: Uint8Array } {
    const size = this.#sizes[this.#index] ?? 0
    const taken = chunk.subarray(0, size - this.#filled)
    const rest = chunk.subarray(taken.length)

    // Its own memory, and not a slice of a pool that a small block would keep alive.
    this.#block ??= Buffer.allocUnsafeSlow(size)
    this.#block.set(taken, this.#filled)
    this.#filled += taken.length
    if (this.#filled < size) return { rest }

    const block = this.#block

    this.#block = undefined
    this.#filled = 0
    this.#index += 1

    return { rest, block }
  }
}
