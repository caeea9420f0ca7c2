import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { NodeEvent, NodeEvents, ReadyEvent } from '../http-gateway/index.ts'

const CLI = join(import.meta.dirname, '..', 'cli.ts')

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
  /** Resolves with the first event of a kind, past ones included; rejects when the node ends. */
  event<K extends keyof NodeEvents>(name: K): Promise<NodeEvents[K]>
  /** Runs a command of the command line against this node and gives what it prints as JSON. */
  ask<T>(...command: string[]): Promise<T>
  /** Ends the node and gives its exit code. */
  stop(): Promise<number | null>
}

/** Starts a node on free ports of the loopback addresses and waits until it serves. */
export async function startNodeProcess(options: NodeProcessOptions): Promise<NodeProcess> {
  const { home, passphrase, seeds = [], args = ['--local-only'], environment } = options
  const env = {
    ...process.env,
    PLEXNET_LOG_LEVEL: 'warn',
    ...environment,
    PLEXNET_HOME: home,
    PLEXNET_PASSPHRASE: passphrase
  }
  const ports = ['--http-port=0', '--https-port=0', '--p2p-port=0']
  const child = run(options, env, [
    'start',
    '--json',
    ...ports,
    ...args,
    ...seeds.flatMap(seed => ['--seed', seed])
  ])
  const exited = once(child, 'exit')
  const events: NodeEvent[] = []
  const waiting = new Set<() => void>()
  const ready = Promise.withResolvers<ReadyEvent>()

  createInterface({ input: child.stdout }).on('line', line => {
    const event: ReadyEvent | NodeEvent = JSON.parse(line)

    if (event.event === 'ready') ready.resolve(event)
    else events.push(event)
    for (const look of waiting) look()
  })
  child.once('exit', code => {
    ready.reject(new Error(`The node in ${home} ended with code ${code} before it was ready.`))
    for (const look of waiting) look()
  })

  return {
    process: child,
    ready: await ready.promise,
    event: async name => firstEvent(name, child, events, waiting),
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

async function firstEvent<K extends keyof NodeEvents>(
  name: K,
  child: ChildProcess,
  events: readonly NodeEvent[],
  waiting: Set<() => void>
): Promise<NodeEvents[K]> {
  const { promise, resolve, reject } = Promise.withResolvers<NodeEvents[K]>()
  const look = (): void => {
    const found = events.find((event): event is NodeEvents[K] => event.event === name)

    if (found != null) resolve(found)
    else if (child.exitCode != null || child.signalCode != null) {
      reject(new Error(`The node ended before its event "${name}".`))
    }
  }

  waiting.add(look)
  look()

  return promise.finally(() => waiting.delete(look))
}

async function ask<T>(
  options: NodeProcessOptions,
  env: NodeJS.ProcessEnv,
  command: readonly string[]
): Promise<T> {
  const child = run(options, env, [...command, '--json'])
  const exited = once(child, 'exit')
  const text = Buffer.concat(await child.stdout.toArray()).toString()
  const [code] = await exited

  if (code !== 0) throw new Error(`"plexnet ${command.join(' ')}" ended with code ${code}: ${text}`)

  return JSON.parse(text)
}

function run(
  { wrapper = [] }: NodeProcessOptions,
  env: NodeJS.ProcessEnv,
  command: readonly string[]
): ReturnType<typeof spawnPiped> {
  const [program = process.execPath, ...args] = [...wrapper, process.execPath, CLI, ...command]

  return spawnPiped(program, args, env)
}

function spawnPiped(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  return spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
}
