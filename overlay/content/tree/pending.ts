import { Dirty } from './dirty.ts'
import { delayOfRepeat, delayOfRetry, delayOfRun } from './schedule.ts'

/** Files that are hashed anew because of an event, whatever their stats; of more, those whose stats have changed. */
const MAX_DOUBTFUL = 10_000

/** What one look at the folder is about. */
export interface Work {
  readonly dirty: Dirty
  /** Files that are hashed though their stats are those that are known. */
  readonly doubtful: ReadonlySet<string>
}

/** What has happened in a folder since it was last looked at, and when to look again; times are ms since the epoch. */
export class Pending {
  #dirty = Dirty.whole()
  #doubtful = new Set<string>()
  #firstEvent: number | undefined
  #retries = 0
  #failures = 0

  get isNothing(): boolean {
    return this.#dirty.isClean
  }

  /** How often the look at the folder has failed on end. */
  get failures(): number {
    return this.#failures
  }

  addWhole(path: readonly string[]): void {
    this.#dirty.addWhole(path)
  }

  /** A name may have other content, even where its stats do not show it: a write may last longer than its mtime tells. */
  addDoubtful(path: readonly string[]): void {
    this.#dirty.add(path)
    if (this.#doubtful.size < MAX_DOUBTFUL) this.#doubtful.add(path.join('/'))
  }

  /** In how many ms to look, now that something has happened. */
  happened(now: number): number {
    this.#firstEvent ??= now

    return delayOfRun(this.#firstEvent, now, now)
  }

  take(): Work {
    const work = { dirty: this.#dirty, doubtful: this.#doubtful }

    this.#dirty = new Dirty()
    this.#doubtful = new Set()
    this.#firstEvent = undefined

    return work
  }

  /** A look has ended; these files were changing meanwhile. */
  succeeded(changing: readonly (readonly string[])[]): void {
    this.#failures = 0
    this.#retries = changing.length > 0 ? this.#retries + 1 : 0
    for (const path of changing) this.#dirty.add(path)
  }

  failed(): void {
    this.#failures += 1
    this.#dirty = Dirty.whole()
  }

  /** In how many ms to look again at what is left. */
  delayOfNext(now: number): number {
    if (this.#failures > 0) return delayOfRepeat(this.#failures)
    if (this.#retries > 0) return delayOfRetry(this.#retries)

    return delayOfRun(this.#firstEvent ?? now, now, now)
  }
}
