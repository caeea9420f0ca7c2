import type { NodeEvents } from '../http-gateway/control/index.ts'

interface Stoppable {
  stop(): Promise<void>
  on(event: 'stopped', listener: (event: NodeEvents['stopped']) => void): void
}

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const

/** A terminal and npm both pass one Ctrl-C on: what comes within this time is the same one. In ms. */
const SAME_SIGNAL = 200

/** A node that has not stopped by then is left to end as it is: nothing that matters is written at the end. In ms. */
const STOP_TIMEOUT = 5000

/** Runs `serve` and then until a signal or the control API stops the node; a second signal ends the process at once. */
export async function runUntilStopped(node: Stoppable, serve: () => Promise<void>): Promise<void> {
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const signalled = stopOnSignal(node)

  node.on('stopped', () => resolve())
  const served = serve()

  await Promise.race([served.then(async () => ended), signalled])
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
