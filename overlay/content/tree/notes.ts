import type { Totals } from './entry.ts'
import type { LeftOut } from './look/job.ts'

/** Names of what is not published that are kept, and how many of them are shown. */
const MAX_LEFT_OUT = 1000
const MAX_SHOWN = 100

/** Links to files that are looked at with every change; others wait for the next rescan. */
const MAX_LINKS = 1000

export interface LeftOutNotes {
  readonly count: number
  readonly some: readonly LeftOut[]
}

/** What is noted of a folder while it is read. */
export class TreeNotes {
  readonly #leftOut = new Map<string, string>()
  readonly #links = new Map<string, readonly string[]>()
  #progress: Totals = { files: 0, bytes: 0 }

  /** Files that were hashed, since the beginning. */
  get progress(): Totals {
    return this.#progress
  }

  get leftOut(): LeftOutNotes {
    const some = [...this.#leftOut].slice(0, MAX_SHOWN)

    return {
      count: this.#leftOut.size,
      some: some.map(([path, reason]) => ({ path, reason }))
    }
  }

  /** Links to files, of which nothing tells when their targets change. */
  get links(): Iterable<readonly string[]> {
    return this.#links.values()
  }

  /** Everything is about to be looked at. */
  begin(): void {
    this.#leftOut.clear()
    this.#links.clear()
  }

  addFile(bytes: number): void {
    this.#progress = { files: this.#progress.files + 1, bytes: this.#progress.bytes + bytes }
  }

  addLink(path: readonly string[]): void {
    if (this.#links.size < MAX_LINKS) this.#links.set(path.join('/'), path)
  }

  addLeftOut({ path, reason }: LeftOut): void {
    if (this.#leftOut.size < MAX_LEFT_OUT) this.#leftOut.set(path, reason)
  }
}
