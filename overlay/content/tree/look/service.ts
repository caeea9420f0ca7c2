import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { asError } from '../../../../identity/index.ts'
import type { Look, LookJob } from './job.ts'

/** How long the thread is kept without work, in ms: starting it takes longer than a small change, keeping it 10 MiB. */
const IDLE = 10_000

type Answer = { readonly look: Look } | { readonly error: unknown }

/** Looks at folders in a thread of its own, which is started when there is something to look at. */
export class Looker {
  readonly #waiting: PromiseWithResolvers<Look>[] = []
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #isClosed = false

  /** @throws where the thread fails, or is ended by `close` */
  async look(job: LookJob): Promise<Look> {
    if (this.#isClosed) throw new Error('The folder is not looked at any more.')

    const answer = Promise.withResolvers<Look>()

    clearTimeout(this.#idle)
    this.#waiting.push(answer)
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#worker.postMessage(job, [])

    return answer.promise
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#end()
  }

  #start(): Worker {
    // The extension is that of this file: the source runs as it is, the package is compiled.
    const url = new URL(`./worker/run${extname(import.meta.filename)}`, import.meta.url)
    const worker = new Worker(url, { name: 'plexnet-tree' })

    worker.on('message', (answer: Answer) => this.#answer(answer))
    worker.on('error', error => this.#fail(error))
    worker.on('exit', () => {
      if (this.#worker === worker) this.#fail(new Error('The thread that reads the site ended.'))
    })

    return worker
  }

  #answer(answer: Answer): void {
    const waiting = this.#waiting.shift()

    if ('look' in answer) waiting?.resolve(answer.look)
    else waiting?.reject(asError(answer.error))

    if (this.#waiting.length > 0) return

    this.#worker?.unref()
    this.#idle = setTimeout(() => void this.#end(), IDLE).unref()
  }

  #fail(error: unknown): void {
    this.#worker = undefined
    for (const waiting of this.#waiting.splice(0)) waiting.reject(asError(error))
  }

  async #end(): Promise<void> {
    const worker = this.#worker

    clearTimeout(this.#idle)
    this.#worker = undefined
    await worker?.terminate()
    if (this.#isClosed) this.#fail(new Error('The folder is not looked at any more.'))
  }
}
