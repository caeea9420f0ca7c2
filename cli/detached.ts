import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoadedConfiguration } from '../config.ts'
import { StartFailedError } from './errors.ts'

/** From the spawn to the message that the node is ready, in ms. A first start makes keys. */
const START_TIMEOUT = 30_000

/** A log that has grown past this is put aside, in place of the one put aside before. */
const MAX_LOG_BYTES = 16 * 1024 * 1024

/** What a started node tells the process that started it. */
export type StartMessage =
  | { readonly event: 'ready' }
  | { readonly event: 'failed'; readonly code: string; readonly message: string }

/**
 * Starts a node that goes on when this process ends.
 * @returns when it is ready
 * @throws StartFailedError
 */
export async function startDetached({ directories }: LoadedConfiguration): Promise<void> {
  const log = await openLog(directories.state)

  try {
    const [, program = ''] = process.argv
    const child = spawn(process.execPath, [...process.execArgv, program, 'start', '--json'], {
      detached: true,
      stdio: ['ignore', log.handle.fd, log.handle.fd, 'ipc']
    })

    await untilReady(child, log.path)
    child.disconnect()
    child.unref()
  } finally {
    await log.handle.close()
  }
}

async function untilReady(child: ChildProcess, log: string): Promise<void> {
  const signal = AbortSignal.timeout(START_TIMEOUT)

  try {
    const message = await Promise.race([
      once(child, 'message', { signal }).then(([first]) => readMessage(first)),
      once(child, 'exit', { signal }).then(() => undefined)
    ])

    if (message?.event !== 'ready') {
      throw new StartFailedError(
        message?.message ?? `the node ended before it was ready; its log is ${log}`,
        message?.code
      )
    }
  } catch (error) {
    child.kill()
    throw signal.aborted
      ? new StartFailedError(
          `the node was not ready within ${START_TIMEOUT / 1000} s and was ended; its log is ${log}`
        )
      : error
  }
}

function readMessage(value: unknown): StartMessage {
  const { event, code, message }: Partial<Record<'event' | 'code' | 'message', unknown>> =
    typeof value === 'object' && value != null ? value : {}

  return event === 'ready'
    ? { event }
    : { event: 'failed', code: String(code), message: String(message) }
}

async function openLog(
  state: string
): Promise<{ path: string; handle: Awaited<ReturnType<typeof open>> }> {
  const path = join(state, 'node.log')

  await mkdir(state, { recursive: true, mode: 0o700 })

  if (((await stat(path).catch(() => undefined))?.size ?? 0) > MAX_LOG_BYTES) {
    await rename(path, `${path}.1`)
  }

  return { path, handle: await open(path, 'a', 0o600) }
}
