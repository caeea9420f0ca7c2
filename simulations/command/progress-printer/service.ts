import type { Progress } from '../../jobs/job.ts'
import { progressLine } from '../progress.ts'

/** Between two lines where no terminal can rewrite one, in ms. */
const LINE_INTERVAL = 5000

const CLEAR_LINE = '\r\u001b[2K'

/** Shows how far a command is: one line rewritten on a terminal, a line now and then elsewhere; all on standard error. */
export class ProgressPrinter {
  readonly #all: number
  readonly #jobs: number
  readonly #isTerminal = process.stderr.isTTY
  readonly #isQuiet: boolean
  readonly #started = performance.now()
  readonly #events = new Map<number, number>()
  #done = 0
  #printed = this.#started

  constructor({ all, jobs, isQuiet = false }: { all: number; jobs: number; isQuiet?: boolean }) {
    this.#all = all
    this.#jobs = jobs
    this.#isQuiet = isQuiet
  }

  show(progress: Progress): void {
    const now = performance.now()

    this.#events.set(progress.seed, progress.events)
    if (this.#isQuiet || (!this.#isTerminal && now - this.#printed < LINE_INTERVAL)) return

    const line = progressLine({
      progress,
      done: this.#done,
      all: this.#all,
      jobs: this.#jobs,
      events: [...this.#events.values()].reduce((sum, events) => sum + events, 0),
      seconds: (now - this.#started) / 1000,
      rss: process.memoryUsage.rss()
    })

    this.#printed = now
    process.stderr.write(this.#isTerminal ? `${CLEAR_LINE}${this.#fitted(line)}` : `${line}\n`)
  }

  /** A line of another kind. */
  say(line: string): void {
    const now = performance.now()

    if (this.#isQuiet || (!this.#isTerminal && now - this.#printed < LINE_INTERVAL)) return

    this.#printed = now
    process.stderr.write(this.#isTerminal ? `${CLEAR_LINE}${this.#fitted(line)}` : `${line}\n`)
  }

  played(): void {
    this.#done += 1
  }

  /** Takes the line away. */
  end(): void {
    if (!this.#isQuiet && this.#isTerminal) process.stderr.write(CLEAR_LINE)
  }

  /** A line that wraps cannot be rewritten. */
  #fitted(line: string): string {
    return line.slice(0, Math.max(20, process.stderr.columns - 1))
  }
}
