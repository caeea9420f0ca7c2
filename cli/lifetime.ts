interface Stoppable {
  stop(): Promise<void>
}

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const

/** A terminal and npm both pass one Ctrl-C on: what comes within this time is the same one. In ms. */
const SAME_SIGNAL = 200

/** A node that has not stopped by then is left to end as it is: nothing that matters is written at the end. In ms. */
const STOP_TIMEOUT = 5000

/** Runs `serve` until a signal or the control API stops the node; a second signal ends the process at once. */
export async function runUntilStopped(node: Stoppable, serve: () => Promise<void>): Promise<void> {
  const { promise: ended, resolve } = Promise.withResolvers<void>()

  // A node that was stopped from elsewhere leaves nothing to wait for.
  process.once('beforeExit', () => resolve())
  await Promise.race([serve().then(async () => ended), stopOnSignal(node)])
}

async function stopOnSignal(node: Stoppable): Promise<void> {
  const { promise: signal, resolve } = Promise.withResolvers<void>()
  let first: number | undefined

  for (const [name, number] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (first == null) {
        first = performance.now()
        resolve()
      } else if (performance.now() - first > SAME_SIGNAL) {
        process.exit(128 + number)
      }
    })
  }
  await signal
  const bound = setTimeout(() => process.exit(0), STOP_TIMEOUT).unref()

  await node.stop()
  clearTimeout(bound)
}
