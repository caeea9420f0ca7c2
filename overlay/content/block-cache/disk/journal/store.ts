import { appendFile, readFile, rename, stat, writeFile } from 'node:fs/promises'

/** Lines that are written together, and how long the first waits for others, in ms: a kill loses no more. */
const LINES_AT_ONCE = 32
const DELAY = 200

/** Lines of what has gone that may stand beside as many as there are blocks. */
const SPARE_LINES = 1000

/** A longer one is not read, in bytes: of 65,536 blocks that lie in one piece each it has 12 MiB at the most. */
const MAX_BYTES = 64 << 20

const MODE = 0o600

export interface JournalOptions {
  readonly path: string
  /** How many lines would tell all that is to be told now, … */
  readonly count: () => number
  /** … and which. */
  readonly lines: () => string[]
  readonly onError: (error: unknown) => void
}

/** A file of lines that is only added to, and written anew when most of it tells what has been overtaken. */
export class Journal {
  readonly #options: JournalOptions
  #waiting: string[] = []
  #lines = 0
  #isToBeRewritten = false
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined

  constructor(options: JournalOptions) {
    this.#options = options
  }

  /** The text as it was left; empty where there is none that can be read. */
  async read(): Promise<string> {
    const { path } = this.#options

    try {
      if ((await stat(path)).size <= MAX_BYTES) {
        const text = await readFile(path, 'latin1')

        this.#lines = text.split('\n').length - 1
        // What was torn is no beginning for the next line.
        this.#isToBeRewritten = text !== '' && !text.endsWith('\n')

        return text
      }
      this.#isToBeRewritten = true
    } catch {
      // There is none, or none for us: it is made when there is something to tell.
    }

    return ''
  }

  add(line: string): void {
    this.#waiting.push(line)
    if (this.#waiting.length >= LINES_AT_ONCE) this.#begin()
    else this.#timer ??= setTimeout(() => this.#begin(), DELAY).unref()
  }

  /** Resolves when nothing waits any more. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing != null) {
      this.#begin()
      await this.#writing
    }
  }

  #begin(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // The line that the timer was set for may have gone with those before it.
    if (this.#waiting.length > 0) this.#writing ??= this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#writeSome()
    } catch (error) {
      this.#isToBeRewritten = true
      this.#waiting = []
      this.#options.onError(error)
    } finally {
      this.#writing = undefined
    }
  }

  async #writeSome(): Promise<void> {
    const waiting = this.#waiting

    this.#waiting = []
    if (this.#isToBeRewritten) await this.#rewrite()
    else await this.#append(waiting)
  }

  async #append(lines: readonly string[]): Promise<void> {
    await appendFile(this.#options.path, lines.join(''), { mode: MODE })
    this.#lines += lines.length
    // The next lines bring it about.
    this.#isToBeRewritten = this.#lines > 2 * this.#options.count() + SPARE_LINES
  }

  /** Aside, so that a kill leaves the one or the other. */
  async #rewrite(): Promise<void> {
    const { path, lines } = this.#options
    const all = lines()

    await writeFile(`${path}.new`, all.join(''), { mode: MODE })
    await rename(`${path}.new`, path)
    this.#lines = all.length
    this.#isToBeRewritten = false
  }
}
