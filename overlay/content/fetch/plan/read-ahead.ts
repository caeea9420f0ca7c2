/** Bytes that a reader may have ahead of several sources: 16 of our blocks, a second of a fast line. */
const MOST_BYTES = 4 << 20

/** Of a single one, in one range: what it sends ahead waits in the system's buffers, which are never promoted or collected. */
const MOST_BYTES_OF_ONE = 1 << 20

/** Bytes that it may always have: two blocks, so that one is on its way while the other is sent on. */
const LEAST_BYTES = 512 << 10

/** Bytes that it may have ahead at its beginning; who only looks at the first bytes does not make a source send many. */
const FIRST_BYTES = 1 << 20

/** Bytes that all readers together have ahead, as long as the least of each leaves room. */
const ALL_BYTES = 32 << 20

/** Shares memory out among all who read at the same time, so that a hundred of them do not take a hundred times that of one. */
export class ReadAhead {
  #readers = 0

  /** What a reader may hold that has taken so many bytes and has so many sources, in bytes. */
  windowAfter(taken: number, sources: number): number {
    const most = sources > 1 ? MOST_BYTES : MOST_BYTES_OF_ONE
    const share = Math.min(most, ALL_BYTES / Math.max(1, this.#readers))

    return Math.max(LEAST_BYTES, Math.min(share, FIRST_BYTES + taken))
  }

  enter(): void {
    this.#readers += 1
  }

  leave(): void {
    this.#readers -= 1
  }
}
