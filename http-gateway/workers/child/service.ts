import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import module from 'node:module'
import { dirname, extname, join } from 'node:path'
import { errorOf } from '../failure.ts'
import type { Asked, Order, Told } from '../messages.ts'

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export interface ChildOptions {
  readonly onTold: (told: Exclude<Told, { tell: 'done' | 'failed' }>) => void
  /** Told once, with the time that it lived, in ms. */
  readonly onExit: (how: string, lifetime: number) => void
}

// As this file: TypeScript in the source, JavaScript in the package.
const WORKER = join(import.meta.dirname, '..', `run${extname(import.meta.filename)}`)

/** One worker process, as the main process sees it. */
export class Child {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  readonly #begun = performance.now()
  #asked = 0
  #hasExited = false

  constructor({ onTold, onExit }: ChildOptions) {
    this.#process = fork(WORKER, {
      // Uint8Arrays and the like arrive as what they are.
      serialization: 'advanced',
      env: environment()
    })
    this.#process.on('message', (told: Told) => {
      if (told.tell === 'done' || told.tell === 'failed') this.#settle(told)
      else onTold(told)
    })
    this.#process.on('error', error => this.#end(error))
    this.#process.once('exit', (code, signal) => {
      const how = `process ${this.#process.pid} ended with ${signal ?? `code ${code}`}`

      this.#end(new Error(how))
      onExit(how, performance.now() - this.#begun)
    })
  }

  /** Resolves when the worker has carried it out; rejects where it fails, or has gone. */
  async ask(order: Order): Promise<void> {
    const id = (this.#asked += 1)
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()

    if (!this.#process.connected) throw new Error('the worker has gone')

    this.#waiting.set(id, { resolve: () => resolve(undefined), reject })
    this.#process.send({ id, order } satisfies Asked)
    await promise
  }

  /** Lets it finish within `timeout` ms, and then ends it. */
  async close(timeout: number): Promise<void> {
    if (this.#hasExited) return

    const exited = once(this.#process, 'exit')
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), timeout)

    await this.ask({ do: 'close' }).catch(() => this.#process.kill('SIGKILL'))
    await exited
    clearTimeout(timer)
  }

  #settle(told: Extract<Told, { tell: 'done' | 'failed' }>): void {
    const waiting = this.#waiting.get(told.id)

    this.#waiting.delete(told.id)

    if (told.tell === 'done') waiting?.resolve()
    else waiting?.reject(errorOf(told.failure))
  }

  #end(error: Error): void {
    this.#hasExited = true

    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

function environment(): NodeJS.ProcessEnv {
  // The key that it opens is for the main process.
  const { PLEXNET_PASSPHRASE: _passphrase, ...rest } = process.env
  // Half of a start is compiling, and the main process has done that already.
  const directory = module.getCompileCacheDir()

  return directory === undefined ? rest : { ...rest, NODE_COMPILE_CACHE: dirname(directory) }
}
