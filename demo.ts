/** `npm run demo`: a seed and two nodes on this machine; one publishes a site, the other finds and reads it. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startNodeProcess, type NodeProcess } from './demo/node-process.ts'
import type { ReadyEvent, ResolutionJson, SeedCard } from './http-gateway/index.ts'

const SITE = join(import.meta.dirname, 'demo', 'site')

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } })
const home = await mkdtemp(join(tmpdir(), 'plexnet-demo-'))
const nodes: NodeProcess[] = []
const started = performance.now()

try {
  await demonstrate()
} catch (error) {
  say(`The demo failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  await Promise.all(nodes.map(async node => node.stop()))
  await rm(home, { recursive: true, force: true })
}

async function demonstrate(): Promise<void> {
  say('Three nodes, each a process with an identity of its own, on loopback only.\n')

  const seed = await step('start a seed', async () => startNode('seed', []))
  const [seedUrl = ''] = (await seed.ask<SeedCard>('seed')).urls

  say(`    ${seedUrl}`)

  const [alice, bob] = await step(
    'start two nodes, Alice and Bob, and join them through the seed',
    async () => both(joinThrough(seedUrl, 'alice'), joinThrough(seedUrl, 'bob'))
  )

  await step('Alice publishes a folder', async () => alice.ask('publish', SITE))
  say(`    ${SITE}`)

  const resolution = await step(`Bob resolves Alice's UUID ${alice.ready.uuid}`, async () =>
    bob.ask<ResolutionJson>('resolve', alice.ready.uuid)
  )

  say(`    ${resolution.address}`)
  for (const { step: name, detail, milliseconds = 0 } of resolution.trail) {
    say(`    ${name.padEnd(8)} ${detail} (${milliseconds.toFixed(1)} ms)`)
  }

  const url = `${bob.ready.http[0]}/${alice.ready.address}/`
  const page = await step("Bob's gateway fetches the page from Alice", async () => fetchPage(url))

  say(`    ${page.status}, ${page.text.length} characters: ${titleOf(page.text)}`)
  say(`\nOpen Alice's site through Bob's gateway in a browser:\n\n    ${siteUrl(alice, bob)}\n`)
  if (!values.once) await untilInterrupted()
}

async function joinThrough(seed: string, name: string): Promise<NodeProcess> {
  const node = await startNode(name, [seed])

  await node.event('joined')

  return node
}

/** Waits for both even if one fails, so that no node is started that nobody stops. */
async function both<T>(first: Promise<T>, second: Promise<T>): Promise<[T, T]> {
  await Promise.allSettled([first, second])

  return Promise.all([first, second])
}

async function startNode(name: string, seeds: readonly string[]): Promise<NodeProcess> {
  const node = await startNodeProcess({
    home: join(home, name),
    passphrase: randomBytes(16).toString('hex'),
    seeds
  })

  nodes.push(node)

  return node
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
  await Promise.race([
    once(process, 'SIGINT'),
    once(process, 'SIGTERM'),
    ...nodes.map(async node => once(node.process, 'exit'))
  ])
}

function titleOf(html: string): string {
  return /<title>([^<]*)<\/title>/.exec(html)?.[1] ?? ''
}

function siteUrl({ ready: publisher }: NodeProcess, { ready: gateway }: NodeProcess): string {
  return `http://${publisher.address.replace('.', '-')}.localhost:${portOf(gateway)}/`
}

function portOf({ http }: ReadyEvent): string {
  return new URL(http[0] ?? '').port
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
