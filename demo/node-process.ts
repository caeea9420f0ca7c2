import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { NodeEvent, NodeEvents, ReadyEvent } from '../http-gateway/index.ts'
import { EventRecord } from './event-record.ts'

/** The flag of Node that `bin/plexnet.js` sets: chunks on their way through pile up in a larger new space, and are promoted. */
export const SMALL_NEW_SPACE = '--max-semi-space-size=4'

const CLI = join(import.meta.dirname, '..', 'bin', 'plexnet.js')

export interface NodeProcessOptions {
  /** PLEXNET_HOME of the node: all that it keeps is below. */
  readonly home: string
  readonly passphrase: string
  readonly seeds?: readonly string[]
  /** Further arguments of `plexnet start`. */
  readonly args?: readonly string[]
  /** A command that the node is run by, such as `ip netns exec NAME`. */
  readonly wrapper?: readonly string[]
  /** Further environment variables. */
  readonly environment?: NodeJS.ProcessEnv
}

/** A node in a process of its own, as a person starts one. */
export interface NodeProcess {
  readonly process: ChildProcess
  readonly ready: ReadyEvent
  /** Resolves with the first event of a kind that `matches`, past ones included; rejects when the node ends. */
  event<K extends keyof NodeEvents>(
    name: K,
    matches?: (event: NodeEvents[K]) => boolean
  ): Promise<NodeEvents[K]>
  /** Runs a command of the command line against this node and gives what it prints as JSON. */
  ask<T>(...command: string[]): Promise<T>
  /** Ends the node and gives its exit code. */
  stop(): Promise<number | null>
}

/** Starts a node on free ports of the loopback addresses and waits until it serves. */
export async function startNodeProcess(options: NodeProcessOptions): Promise<NodeProcess> {
  const { home, passphrase, seeds = [], environment } = options
  const env = {
    ...process.env,
    PLEXNET_LOG_LEVEL: 'warn',
    ...environment,
    PLEXNET_HOME: home,
    PLEXNET_PASSPHRASE: passphrase
  }
  const ports = ['--http-port=0', '--https-port=0', '--p2p-port=0']
  const [program, args] = commandLine(options, [
    'start',
    '--json',
    ...ports,
    ...(options.args ?? ['--local-only']),
    ...seeds.flatMap(seed => ['--seed', seed])
  ])
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const record = new EventRecord()
  const ready = Promise.withResolvers<ReadyEvent>()

  createInterface({ input: child.stdout }).on('line', line => {
    const event: ReadyEvent | NodeEvent = JSON.parse(line)

    if (event.event === 'ready') ready.resolve(event)
    else record.add(event)
  })
  child.once('exit', (code, signal) => {
    const reason = new Error(`The node in ${home} ended (${code ?? signal}).`)

    ready.reject(reason)
    record.end(reason)
  })

  return {
    process: child,
    ready: await ready.promise,
    event: async (name, matches) => record.first(name, matches),
    ask: async <T>(...command: string[]) => ask<T>(options, env, command),
    stop: async () => {
      if (child.exitCode == null && child.signalCode == null) {
        child.kill('SIGTERM')
        await exited
      }

      return child.exitCode
    }
  }
}

async function ask<T>(
  options: NodeProcessOptions,
  env: NodeJS.ProcessEnv,
  command: readonly string[]
): Promise<T> {
  const [program, args] = commandLine(options, [...command, '--json'])
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [[code], answer, complaint] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout),
    text(child.stderr)
  ])

  if (code !== 0) {
    throw new Error(`"plexnet ${command.join(' ')}" ended with code ${code}: ${complaint}`)
  }

  return JSON.parse(answer)
}

function commandLine(
  { wrapper = [] }: NodeProcessOptions,
  command: readonly string[]
): [program: string, args: string[]] {
  const [program = process.execPath, ...args] = [
    ...wrapper,
    process.execPath,
    SMALL_NEW_SPACE,
    CLI,
    ...command
  ]

  return [program, args]
}
