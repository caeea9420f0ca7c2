import type { CID } from 'multiformats/cid'
import type { SourceFault } from '../source.ts'

/** Blocks in the window, however small they are: each event looks at all of them. */
const MAX_WINDOW_SLOTS = 64

/** A block that is to be delivered in its turn. */
export interface Item {
  readonly cid: CID
  /** In bytes, as the tree says. */
  readonly size: number
  /** Whether a block of another size would be wrong; otherwise the size is a hint. */
  readonly hasExactSize?: boolean
  /** Where it stands in the file at the transfer's path; undefined for blocks that no file has. */
  readonly offset?: number
}

/**
 * `ahead` lies behind the window; `open` is to be fetched; `cached` is being read from the cache; `twin` waits for the
 * same block at an earlier place; `done` is there.
 */
export type SlotState = 'ahead' | 'open' | 'cached' | 'twin' | 'done'

export class Slot {
  readonly item: Item
  state: SlotState
  /** Requests that will bring it. */
  readonly carriers = new Set<number>()
  /** How often each source was asked in vain; Infinity where asking again is no use. */
  readonly tries = new Map<string, number>()
  readonly faults: SourceFault[] = []

  constructor(item: Item, state: SlotState) {
    this.item = item
    this.state = state
  }

  /** The same for the same block; made when it is needed, since few blocks of a large file are looked at at once. */
  get key(): string {
    return this.item.cid.toString()
  }
}

/** The blocks of a transfer that are known and not yet taken, in order; indices count from its first. */
export class Slots {
  readonly #slots: Slot[] = []
  #bytes = 0
  #base = 0
  #entered = 0

  /** The next block that the reader takes. */
  get first(): number {
    return this.#base
  }

  /** Before this index all blocks are in the window. */
  get windowEnd(): number {
    return this.#entered
  }

  get end(): number {
    return this.#base + this.#slots.length
  }

  at(index: number): Slot | undefined {
    return this.#slots[index - this.#base]
  }

  add(item: Item, state: 'ahead' | 'done'): void {
    this.#bytes += item.size
    this.#slots.push(new Slot(item, state))
  }

  /** Drops the first block, which the reader has taken. */
  take(): void {
    this.#bytes -= this.#slots.shift()?.item.size ?? 0
    this.#base += 1
    this.#entered = Math.max(this.#entered, this.#base)
  }

  /** Moves the window's end over all blocks that fit into `bytes` from its beginning, at least one, and returns the new ones. */
  enter(bytes: number): number[] {
    const entered: number[] = []
    const last = Math.min(this.end, this.#base + MAX_WINDOW_SLOTS)
    let room = bytes

    for (let index = this.#base; index < last; index += 1) {
      room -= this.at(index)?.item.size ?? 0
      if (room < 0 && index > this.#base) break
      if (index >= this.#entered) {
        entered.push(index)
        this.#entered = index + 1
      }
    }

    return entered
  }

  /** Whether the same block is being fetched for an earlier place in the window. */
  hasEarlier(index: number): boolean {
    const key = this.at(index)?.key

    for (let at = this.#base; at < index; at += 1) {
      const slot = this.at(at)

      if (slot?.key === key && (slot?.state === 'open' || slot?.state === 'cached')) return true
    }

    return false
  }

  /** The places in the window that wait for the block at `index`. */
  twinsOf(index: number): { readonly slot: Slot; readonly index: number }[] {
    const key = this.at(index)?.key
    const twins: { slot: Slot; index: number }[] = []

    for (let at = index + 1; at < this.#entered; at += 1) {
      const slot = this.at(at)

      if (slot?.state === 'twin' && slot.key === key) twins.push({ slot, index: at })
    }

    return twins
  }

  /** Whether the block begins in the file where the one before it ends. */
  isNextTo(index: number): boolean {
    const [before, here] = [this.at(index - 1)?.item, this.at(index)?.item]

    return (
      before?.offset != null && here?.offset != null && before.offset + before.size === here.offset
    )
  }

  /** Bytes known ahead of the reader. */
  get bytes(): number {
    return this.#bytes
  }
}
