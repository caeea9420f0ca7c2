import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import { combined } from './partial.ts'
import { SegmentedLru } from './segmented-lru.ts'
import { sizeOf, type StoredResponse } from './stored-response.ts'
import { isSameSelector, selects } from './vary.ts'

// An origin that varies by what each client sends would otherwise fill the memory with one URL.
const MAX_VARIANTS = 16

// How many URLs are remembered as changed, against responses that were on their way just then.
const MAX_CHANGED = 4096

/** The stored responses of one URL, newest first. */
type Variants = readonly StoredResponse[]

/** Responses in memory under a budget in bytes. */
export class CacheStore {
  readonly #resources: SegmentedLru<Variants>
  readonly #changed = new LRUCache<string, number>({ max: MAX_CHANGED })

  constructor(budget: number) {
    this.#resources = new SegmentedLru(budget)
  }

  get bytes(): number {
    return this.#resources.bytes
  }

  /** URLs with stored responses. */
  get size(): number {
    return this.#resources.size
  }

  /** The newest response that the request selects; `other`: none of those that are stored. */
  find(key: string, headers: IncomingHttpHeaders): StoredResponse | 'other' | undefined {
    const variants = this.#resources.use(key)

    if (variants === undefined) {
      return undefined
    }

    for (const stored of variants) {
      if (selects(stored.selector, headers, stored.language)) {
        return stored
      }
    }

    return 'other'
  }

  /**
   * Takes the place of what was stored for the same selector; a part is joined with a part where it can be. What was asked for before
   * the document was changed is not stored.
   *
   * @param sent when it was asked for, in ms since the epoch
   */
  put(key: string, response: StoredResponse, sent: number): void {
    if (sent <= (this.#changed.get(key) ?? 0)) {
      return
    }

    const before = this.#resources.peek(key) ?? []
    const same = before.find(({ selector }) => isSameSelector(selector, response.selector))
    const joined =
      same !== undefined && response.part !== undefined ? combined(same, response) : undefined

    this.#set(key, [joined ?? response, ...before.filter(one => one !== same)])
  }

  /** Puts a renewed response in the place of the one that it was; nothing where that is no longer stored. */
  replace(key: string, before: StoredResponse, now: StoredResponse): void {
    const variants = this.#resources.peek(key)

    if (variants?.includes(before) === true) {
      this.#set(
        key,
        variants.map(one => (one === before ? now : one))
      )
    }
  }

  remove(key: string, response: StoredResponse): void {
    const variants = this.#resources.peek(key)

    if (variants?.includes(response) === true) {
      this.#set(
        key,
        variants.filter(one => one !== response)
      )
    }
  }

  /** Forgets a document that has been changed, at this time in ms since the epoch. */
  invalidate(key: string, now: number): void {
    this.#changed.set(key, now)
    this.#resources.delete(key)
  }

  clear(): void {
    this.#resources.clear()
  }

  #set(key: string, variants: Variants): void {
    const kept = variants.slice(0, MAX_VARIANTS)

    if (kept.length === 0) {
      this.#resources.delete(key)
    } else {
      this.#resources.set(
        key,
        kept,
        kept.reduce((sum, one) => sum + sizeOf(one), key.length)
      )
    }
  }
}
