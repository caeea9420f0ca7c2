import { LRUCache } from 'lru-cache'

/** A small file whole, with the header fields of its answer. */
export interface HotAnswer {
  readonly fields: string[]
  readonly content: Buffer
}

/** Small files that were just verified, by the tree and the path as it is requested; a newer tree has other keys. */
export class HotAnswers {
  readonly #answers: LRUCache<string, HotAnswer>

  constructor(maxBytes: number) {
    this.#answers = new LRUCache({
      maxSize: maxBytes,
      // The fields and the key of an answer take about a kilobyte.
      sizeCalculation: ({ content }) => content.length + 1024
    })
  }

  get(root: string, path: string): HotAnswer | undefined {
    return this.#answers.get(root + path)
  }

  set(root: string, path: string, answer: HotAnswer): void {
    this.#answers.set(root + path, answer)
  }
}
