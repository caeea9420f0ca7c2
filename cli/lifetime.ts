import { once } from 'node:events'

interface Stoppable {
  stop(): Promise<void>
}

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const

/** A terminal and npm both pass one Ctrl-C on: what comes within this time is the same one. In ms. */
const SAME_SIGNAL = 200

/** A node that has not stopped by then is left as it is: nothing that matters is written at the end. In ms. */
const STOP_TIMEOUT = 5000

/** From the start of a node to the signal, or the word over the control socket, that ends it. */
export class Lifetime {
  #node: Stoppable | undefined
  #signalled: number | undefined

  constructor() {
    for (const [name, number] of Object.entries(SIGNALS)) {
      process.on(name, () => this.#signal(number))
    }
  }

  /** Runs `serve`, and returns when the node was stopped from elsewhere; a signal ends the process with 0, a second one at once. */
  async run(node: Stoppable, serve: () => Promise<void>): Promise<void> {
    this.#node = node

    try {
      await serve()
    } catch (error) {
      // A start that a signal breaks off fails in its own way.
      if (this.#signalled == null) throw error
    }
    // A node that was stopped leaves nothing to wait for.
    await once(process, 'beforeExit')
  }

  #signal(number: number): void {
    if (this.#signalled == null) {
      this.#signalled = performance.now()
      void this.#end()
    } else if (performance.now() - this.#signalled > SAME_SIGNAL) {
      process.exit(128 + number)
    }
  }

  async #end(): Promise<void> {
    setTimeout(() => process.exit(0), STOP_TIMEOUT).unref()
    await this.#node?.stop().catch((error: unknown) => {
      process.stderr.write(`plexnet: stopping failed: ${String(error)}\n`)
    })
    // Libraries leave timers of a second behind.
    process.exit(0)
  }
}
