/** What a file system gives at least, in bytes; a block begins with a page of its own. */
export const PAGE_BYTES = 4096

/** Pages that lie side by side. */
export interface Extent {
  readonly start: number
  readonly count: number
}

/** Which pages of a file are in use. */
export class Pages {
  readonly #used: Uint8Array
  #free: number
  /** Behind what was given last, so that what is written in turn lies in turn. */
  #next = 0

  constructor(count: number) {
    this.#used = new Uint8Array(count)
    this.#free = count
  }

  /** Pages for a block, in as few extents as a look from the last ones on finds; undefined where too few are free. */
  take(count: number): Extent[] | undefined {
    if (count > this.#free) return undefined

    const extents: Extent[] = []

    for (let missing = count; missing > 0;) {
      const extent = this.#nextFree(missing)

      this.#mark([extent], 1)
      extents.push(extent)
      missing -= extent.count
    }

    return extents
  }

  /** Takes these very pages; false where one of them is in use or none of the file. */
  claim(extents: readonly Extent[]): boolean {
    for (const [index, extent] of extents.entries()) {
      if (!this.#isFree(extent)) {
        this.release(extents.slice(0, index))

        return false
      }
      this.#mark([extent], 1)
    }

    return true
  }

  /** Takes those of these pages that are free, and tells which. */
  claimRest(extents: readonly Extent[]): Extent[] {
    return extents.flatMap(({ start, count }) =>
      Array.from({ length: count }, (_, index) => ({ start: start + index, count: 1 })).filter(
        page => this.claim([page])
      )
    )
  }

  release(extents: readonly Extent[]): void {
    this.#mark(extents, 0)
  }

  #mark(extents: readonly Extent[], value: 0 | 1): void {
    for (const { start, count } of extents) {
      this.#used.fill(value, start, start + count)
      this.#free += value === 0 ? count : -count
    }
  }

  #isFree({ start, count }: Extent): boolean {
    return (
      count > 0 &&
      start + count <= this.#used.length &&
      !this.#used.subarray(start, start + count).includes(1)
    )
  }

  /** The first free stretch behind the last one, of no more than `most` pages; there is one. */
  #nextFree(most: number): Extent {
    const behind = this.#used.indexOf(0, this.#next)
    const start = behind === -1 ? this.#used.indexOf(0) : behind
    const end = this.#used.subarray(start, start + most).indexOf(1)
    const count = end === -1 ? Math.min(most, this.#used.length - start) : end

    this.#next = start + count

    return { start, count }
  }
}

/** How many pages so many bytes take, at least one. */
export function pagesFor(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / PAGE_BYTES))
}
