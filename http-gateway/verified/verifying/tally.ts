import type { BlockFault, SourceReport } from './report.ts'

// Faults of one source that are told one by one.
const MAX_FAULTS = 100

// After so many failures in a row a source is not asked any more.
const GIVE_UP_AFTER = 3

/** A block as the tree names it. */
export interface TreeBlock {
  readonly path: string
  readonly offset?: number | undefined
  readonly cid: string
  readonly size: number
}

/** Counts what one source has. */
export class Tally {
  readonly #id: string
  readonly #kind: SourceReport['kind']
  readonly #blocks = { right: 0, wrong: 0, absent: 0, failed: 0, skipped: 0 }
  readonly #faults: BlockFault[] = []
  #bytes = 0
  #failures = 0
  seq: number | undefined

  constructor(id: string, kind: SourceReport['kind']) {
    this.#id = id
    this.#kind = kind
  }

  /** Whether it failed so often in a row that asking it is in vain. */
  get isGivenUp(): boolean {
    return this.#failures >= GIVE_UP_AFTER
  }

  right({ size }: TreeBlock): void {
    this.#blocks.right += 1
    this.#bytes += size
    this.#failures = 0
  }

  skip(count: number): void {
    this.#blocks.skipped += count
  }

  fault({ path, offset, cid }: TreeBlock, kind: BlockFault['kind'], reason: string): void {
    const isFailure = kind === 'failed' || kind === 'stalled'

    this.#blocks[isFailure ? 'failed' : kind] += 1
    this.#failures = isFailure ? this.#failures + 1 : 0

    if (this.#faults.length < MAX_FAULTS) {
      this.#faults.push({ kind, path, offset, cid, reason })
    }
  }

  report(): SourceReport {
    return {
      id: this.#id,
      kind: this.#kind,
      state: this.#state(),
      seq: this.seq,
      blocks: { ...this.#blocks },
      bytes: this.#bytes,
      faults: [...this.#faults]
    }
  }

  #state(): SourceReport['state'] {
    const { right, wrong, absent, failed, skipped } = this.#blocks
    const asked = right + wrong + absent + failed + skipped

    if (wrong > 0) {
      return 'wrong'
    }

    // Where not even the first list could be had, nothing was asked for.
    if (asked === 0 || (right === 0 && this.isGivenUp)) {
      return 'unreachable'
    }

    return absent + failed > 0 || this.isGivenUp ? 'partial' : 'complete'
  }
}
