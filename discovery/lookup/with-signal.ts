import type { AbortOptions } from '@libp2p/interface'

/** The work's result, unless the signal comes first; the work itself goes on for whoever shares it. */
export async function withSignal<T>(work: Promise<T>, options: AbortOptions): Promise<T> {
  const { signal } = options

  if (signal == null) return work

  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)

    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    // Only now: work that fails with nobody at its side would end the process.
    if (signal.aborted) onAbort()
  })
}
