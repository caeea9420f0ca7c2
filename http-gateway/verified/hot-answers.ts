import { LRUCache } from 'lru-cache'
import { HotFile } from '../site/file.ts'
import type { Representation } from '../site/representation.ts'

// The fields and the key of an answer.
const OVERHEAD = 1024

/** Small files that were just verified, by the tree and the path as it is requested; a newer tree has other keys. */
export class HotAnswers {
  readonly #answers: LRUCache<string, HotFile>

  constructor(maxBytes: number) {
    this.#answers = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ content }) => content.length + OVERHEAD
    })
  }

  get(tree: string, path: string): HotFile | undefined {
    return this.#answers.get(tree + path)
  }

  set(tree: string, path: string, representation: Representation, content: Buffer): void {
    this.#answers.set(tree + path, new HotFile(path, representation, content))
  }
}
