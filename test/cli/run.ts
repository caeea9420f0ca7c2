import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buffer } from 'node:stream/consumers'
import type { ExecutionContext } from 'ava'

const LAUNCHER = join(import.meta.dirname, '../../bin/plexnet.js')

/** Compiled once for all runs, which are many. */
const CODE = join(tmpdir(), `plexnet-test-code-${process.getuid?.() ?? 'user'}`)

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A home of its own for a node, gone after the test. */
export async function makeHome(t: ExecutionContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'plexnet-cli-'))

  t.teardown(async () => rm(home, { recursive: true, force: true }))
  return home
}

/** A variable with which every test runs, so that none meets the configuration of whoever runs it. */
export function environment(home: string, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], NODE_COMPILE_CACHE: CODE, PLEXNET_HOME: home, ...extra }
}

/** Runs one command to its end, with nobody to ask. */
export async function plexnet(
  home: string,
  argv: readonly string[],
  extra: NodeJS.ProcessEnv = {}
): Promise<Ended> {
  return ended(launch(home, argv, extra))
}

export async function ended(child: ChildProcess): Promise<Ended> {
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    textOf(child.stdout),
    textOf(child.stderr)
  ])

  return { code, stdout, stderr }
}

export interface Started {
  readonly child: ChildProcess
  readonly ready: Record<string, unknown>
  /** The next event of this name, as `start --json` prints them. */
  readonly next: (event: string) => Promise<Record<string, unknown>>
}

const FREE_PORTS = ['--http-port', '0', '--https-port', '0', '--p2p-port', '0', '--local-only']

/** A node in a process of its own, ended after the test. */
export async function startNode(
  t: ExecutionContext,
  home: string,
  argv: readonly string[] = [],
  extra: NodeJS.ProcessEnv = {}
): Promise<Started> {
  const env = { PLEXNET_OVERLAY_MDNS: 'false', ...extra }
  const child = launch(home, ['start', '--json', ...FREE_PORTS, ...argv], env)
  t.teardown(async () => end(child))

  const errors = textOf(child.stderr)
  const lines = createInterface({ input: child.stdout ?? t.fail() })[Symbol.asyncIterator]()
  const next = async (event: string): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next()

    if (done === true) {
      throw new Error(`the node ended before its event ${event}: ${await errors}`)
    }
    const parsed: Record<string, unknown> = JSON.parse(value)

    return parsed['event'] === event ? parsed : next(event)
  }

  return { child, ready: await next('ready'), next }
}

/** Runs a command whose output is read as it comes. */
export function launch(
  home: string,
  argv: readonly string[],
  extra: NodeJS.ProcessEnv = {}
): ChildProcess {
  return spawn(process.execPath, [LAUNCHER, ...argv], {
    env: environment(home, extra),
    stdio: ['ignore', 'pipe', 'pipe']
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode == null && child.signalCode == null) {
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}

async function textOf(stream: ChildProcess['stdout']): Promise<string> {
  return stream == null ? '' : (await buffer(stream)).toString()
}
