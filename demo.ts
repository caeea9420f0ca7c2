/** `npm run demo`: a seed and two nodes on this machine; one publishes a site, the other finds and reads it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type {
  JoinedEvent,
  NodeEvent,
  ReadyEvent,
  ResolutionJson,
  SeedCard
} from './http-gateway/index.ts'

const CLI = join(import.meta.dirname, 'cli.ts')
const SITE = join(import.meta.dirname, 'demo', 'site')

interface DemoNode {
  readonly name: string
  readonly environment: NodeJS.ProcessEnv
  readonly process: ChildProcess
  readonly ready: ReadyEvent
  readonly joined: Promise<JoinedEvent>
}

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } })
const home = await mkdtemp(join(tmpdir(), 'plexnet-demo-'))
const nodes: DemoNode[] = []
const started = performance.now()

try {
  await demonstrate()
} catch (error) {
  say(`The demo failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  await Promise.all(nodes.map(stopNode))
  await rm(home, { recursive: true, force: true })
}

async function demonstrate(): Promise<void> {
  say('Three nodes, each a process with an identity of its own, on loopback only.\n')

  const seed = await step('start a seed', async () => startNode('seed', []))
  const [seedUrl = ''] = (await ask<SeedCard>(seed, 'seed')).urls

  say(`    ${seedUrl}`)

  const [alice, bob] = await step(
    'start two nodes, Alice and Bob, and join them through it',
    async () => {
      const pair = await Promise.all([startNode('alice', [seedUrl]), startNode('bob', [seedUrl])])

      await Promise.all(pair.map(async node => node.joined))

      return pair
    }
  )

  await step('Alice publishes a folder', async () => ask(alice, 'publish', SITE))
  say(`    ${SITE}`)

  const resolution = await step(`Bob resolves Alice's UUID ${alice.ready.uuid}`, async () =>
    ask<ResolutionJson>(bob, 'resolve', alice.ready.uuid)
  )

  say(`    ${resolution.address}`)
  for (const { step: name, detail, milliseconds } of resolution.trail) {
    say(
      `    ${name.padEnd(8)} ${detail}${milliseconds == null ? '' : ` (${milliseconds.toFixed(1)} ms)`}`
    )
  }

  const url = `${bob.ready.http[0]}/${alice.ready.address}/`
  const page = await step("Bob's gateway fetches the page", async () => fetchPage(url))

  say(`    ${page.status}, ${page.text.length} characters: ${titleOf(page.text)}`)

  const address = `http://${alice.ready.address.replace('.', '-')}.localhost:${portOf(bob.ready)}/`

  say(`\nOpen Alice's site through Bob's gateway in a browser:\n\n    ${address}\n`)
  if (!values.once) await untilInterrupted()
}

/** Starts a node of its own process and waits until it serves. */
async function startNode(name: string, seeds: readonly string[]): Promise<DemoNode> {
  const environment = {
    ...process.env,
    PLEXNET_HOME: join(home, name),
    PLEXNET_PASSPHRASE: randomBytes(16).toString('hex')
  }
  const child = spawn(
    process.execPath,
    [
      CLI,
      'start',
      '--json',
      '--local-only',
      '--http-port=0',
      '--https-port=0',
      '--p2p-port=0',
      ...seeds.flatMap(seed => ['--seed', seed])
    ],
    { env: environment, stdio: ['ignore', 'pipe', 'inherit'] }
  )
  const ready = Promise.withResolvers<ReadyEvent>()
  const joined = Promise.withResolvers<JoinedEvent>()

  createInterface({ input: child.stdout }).on('line', line => {
    const event: ReadyEvent | NodeEvent = JSON.parse(line)

    if (event.event === 'ready') ready.resolve(event)
    if (event.event === 'joined') joined.resolve(event)
  })
  child.once('exit', code => {
    const error = new Error(`the node "${name}" ended with code ${code}`)

    ready.reject(error)
    joined.reject(error)
  })
  // A seed joins nobody; its promise is rejected when it ends.
  joined.promise.catch(() => undefined)

  const node = {
    name,
    environment,
    process: child,
    ready: await ready.promise,
    joined: joined.promise
  }

  nodes.push(node)

  return node
}

async function stopNode({ process: child }: DemoNode): Promise<void> {
  if (child.exitCode != null || child.signalCode != null) return

  const exited = once(child, 'exit')

  child.kill('SIGTERM')
  await exited
}

/** Runs one command against a node, as a person would, and reads what it prints. */
async function ask<T>(node: DemoNode, ...command: string[]): Promise<T> {
  const child = spawn(process.execPath, [CLI, ...command, '--json'], {
    env: node.environment,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exited = once(child, 'exit')
  const text = Buffer.concat(await child.stdout.toArray()).toString()
  const [code] = await exited

  if (code !== 0) throw new Error(`"plexnet ${command.join(' ')}" ended with code ${code}`)

  return JSON.parse(text)
}

async function fetchPage(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url)

  if (!response.ok) throw new Error(`${url} answers ${response.status}`)

  return { status: response.status, text: await response.text() }
}

async function step<T>(what: string, act: () => Promise<T>): Promise<T> {
  const from = performance.now()
  const result = await act()
  const now = performance.now()

  say(
    `${((now - started) / 1000).toFixed(2).padStart(6)} s  ${what}: ${(now - from).toFixed(0)} ms`
  )

  return result
}

async function untilInterrupted(): Promise<void> {
  say('Ctrl-C ends the demo and removes what it made.')

  const timer = setInterval(() => undefined, 2 ** 30)

  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  clearInterval(timer)
}

function titleOf(html: string): string {
  return /<title>([^<]*)<\/title>/.exec(html)?.[1] ?? ''
}

function portOf({ http }: ReadyEvent): string {
  return new URL(http[0] ?? '').port
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
