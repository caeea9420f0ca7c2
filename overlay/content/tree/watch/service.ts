import { watch, type FSWatcher } from 'node:fs'

/** Folders that are watched: each takes about 1 KiB here and one of the system's watches. */
export const MAX_WATCHED = 20_000

export interface WatchOptions {
  /** Something has happened to a name in a folder, or to it as a whole where there is no name. */
  readonly onEvent: (path: readonly string[], name: string | undefined) => void
  /** A name has come or gone, and may be that of another file or folder now. */
  readonly onRename: (path: readonly string[], name: string) => void
  /** The system, or the bound here, lets no more folders be watched. */
  readonly onLimit: (reason: string) => void
}

/**
 * Tells of changes in folders, each watched by itself: the recursive watch of Node and chokidar watch every file as well,
 * which takes seconds and hundreds of MiB where there are 100,000.
 */
export class FolderWatcher {
  readonly #options: WatchOptions
  readonly #watchers = new Map<string, FSWatcher>()
  #isLimited = false

  constructor(options: WatchOptions) {
    this.#options = options
  }

  /** Watches a folder from now on, if it is not watched already. */
  add(path: readonly string[], real: string): void {
    const key = path.join('/')

    if (this.#watchers.has(key)) return
    if (this.#watchers.size >= MAX_WATCHED) {
      this.#limit(`more than ${MAX_WATCHED} folders`)

      return
    }

    try {
      const watcher = watch(real, { persistent: false }, (event, name) => {
        if (event === 'rename' && name != null) this.#renamed(path, name)
        else this.#options.onEvent(path, name ?? undefined)
      })

      watcher.on('error', () => {
        this.remove(path)
        this.#options.onEvent(path.slice(0, -1), path.at(-1))
      })
      this.#watchers.set(key, watcher)
    } catch (error) {
      // A folder that has gone meanwhile is told of by the one above it.
      if (isLimit(error)) this.#limit(`the system allows no more watches (${error.code})`)
    }
  }

  /** Ends the watch of a folder, and of those below it. */
  remove(path: readonly string[]): void {
    const key = path.join('/')

    if (key !== '' && !this.#watchers.has(key)) return
    for (const [watched, watcher] of this.#watchers) {
      if (watched !== key && !watched.startsWith(`${key}/`) && key !== '') continue

      watcher.close()
      this.#watchers.delete(watched)
    }
  }

  close(): void {
    this.remove([])
  }

  /** The watch of a folder that has gone tells of nothing, even if a new one has its name and its inode. */
  #renamed(path: readonly string[], name: string): void {
    this.remove([...path, name])
    this.#options.onRename(path, name)
  }

  #limit(reason: string): void {
    if (this.#isLimited) return

    this.#isLimited = true
    this.#options.onLimit(reason)
  }
}

function isLimit(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOSPC' || error.code === 'EMFILE' || error.code === 'ENFILE')
  )
}
