/** A site whose publisher and seed are gone, for readers that never saw it. */
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import type { IncomingMessage } from 'node:http'
import { startNodeProcess, type NodeProcess } from '../../demo/node-process.ts'
import type { MirrorJson, SeedCard } from '../../http-gateway/index.ts'
import { median } from './load.ts'
import type { Row } from './table.ts'

const PASSPHRASE = 'bench'

/** Each reads once: what it has read it knows. */
const READERS = 3

/** What a reader may wait for it, in ms. */
const WITHIN = 1000

const PAGE_BYTES = 20_000

/** Publisher and seed are killed once a mirror has the site; new nodes that join through the mirror read it by its address. */
export async function measureResurrection(home: string): Promise<Row[]> {
  const nodes: NodeProcess[] = []
  const start = async (name: string, seeds: readonly string[]): Promise<NodeProcess> => {
    const node = await startNodeProcess({
      home: join(home, name),
      passphrase: PASSPHRASE,
      seeds,
      environment: { PLEXNET_OVERLAY_MDNS: 'false' }
    })

    nodes.push(node)

    return node
  }

  try {
    const folder = join(home, 'site')
    const page = randomBytes(PAGE_BYTES)

    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'index.html'), page)

    const seed = await start('seed', [])
    const publisher = await start('publisher', [await urlOf(seed)])

    await publisher.ask('publish', folder)
    await publisher.event('announced', ({ stored }) => stored > 0)

    const mirror = await start('mirror', [await urlOf(seed)])

    await mirror.event('joined')
    await mirror.ask<MirrorJson>('mirror', publisher.ready.address)
    for (const node of [publisher, seed]) await kill(node)

    const times: number[] = []

    for (let index = 0; index < READERS; index += 1) {
      const reader = await start(`reader-${index}`, [await urlOf(mirror)])

      await reader.event('joined')
      times.push(await firstByte(reader, publisher.ready.address, page.length))
    }

    return [
      {
        what: 'publisher and seed dead: first byte for a node that never saw the site',
        measured: `${median(times).toFixed(0)} ms, ${Math.max(...times).toFixed(0)} ms at most`,
        target: `${WITHIN} ms`,
        met: Math.max(...times) <= WITHIN
      }
    ]
  } finally {
    await Promise.all(nodes.map(async node => node.stop()))
  }
}

async function urlOf(node: NodeProcess): Promise<string> {
  return (await node.ask<SeedCard>('seed')).urls[0] ?? ''
}

async function kill({ process: child }: NodeProcess): Promise<void> {
  const gone = once(child, 'exit')

  child.kill('SIGKILL')
  await gone
}

/** Of the first page, in ms; nothing less than the whole page counts. */
async function firstByte(reader: NodeProcess, address: string, bytes: number): Promise<number> {
  const begun = performance.now()
  const asked = request(new URL(reader.ready.http[0] ?? ''), {
    headers: { host: `${address.replace('.', '-')}.localhost` },
    agent: false
  })

  asked.end()

  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let time: number | undefined
  let length = 0

  for await (const chunk of response as AsyncIterable<Buffer>) {
    time ??= performance.now() - begun
    length += chunk.length
  }

  return response.statusCode === 200 && length === bytes
    ? (time ?? Number.POSITIVE_INFINITY)
    : Number.POSITIVE_INFINITY
}
