import { once } from 'node:events'
import { startNodeProcess, type NodeProcess } from '../../demo/node-process.ts'
import { PASSPHRASE, prepareHome, type Teardown, untilFound } from './testnet.ts'

export interface ProcessOptions {
  readonly seeds?: readonly string[]
  /** Of a node that ran before; a new temporary one otherwise. */
  readonly home?: string
  readonly args?: readonly string[]
  readonly wrapper?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
  /** Starts without its passphrase. */
  readonly locked?: boolean
}

/** A node in a process of its own, which tests may stop, kill and wrap. */
export interface TestProcess extends NodeProcess {
  readonly home: string
  readonly gateway: string
  /** Its own site at anybody's gateway: the Host field, without a port. */
  readonly host: string
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>
}

/** Starts `plexnet start` on free ports; the process is gone when the test ends, whatever state it is in. */
export async function startTestProcess(
  t: Teardown,
  options: ProcessOptions = {}
): Promise<TestProcess> {
  const { home = await prepareHome(t), locked = false, environment, ...others } = options
  const started = await startNodeProcess({
    ...others,
    home,
    passphrase: locked ? '' : PASSPHRASE,
    environment: {
      PLEXNET_LOG_LEVEL: 'silent',
      PLEXNET_OVERLAY_MDNS: 'false',
      // The tests' own, which no node knows.
      PLEXNET_TEST_SCREENSHOTS: undefined,
      ...environment
    }
  })
  const kill = async (): Promise<void> => killNow(started)

  t.teardown(kill)

  const { http, address } = started.ready

  return {
    ...started,
    home,
    gateway: http.find(url => url.includes('127.0.0.1')) ?? http[0] ?? '',
    host: `${address.replace('.', '-')}.localhost`,
    kill
  }
}

/** As `startTestProcess`, and waits until the node has joined and can be found. */
export async function joinTestProcess(
  t: Teardown,
  options: ProcessOptions & { readonly seeds: readonly string[] }
): Promise<TestProcess> {
  const node = await startTestProcess(t, options)

  await untilFound(node)

  return node
}

async function killNow({ process: child }: NodeProcess): Promise<void> {
  if (child.exitCode != null || child.signalCode != null) return

  const gone = once(child, 'exit')

  // Ends a process that SIGSTOP holds, too.
  child.kill('SIGKILL')
  await gone
}
