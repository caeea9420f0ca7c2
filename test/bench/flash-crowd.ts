/** A publisher with a thin line and more readers than it can send to, without mirrors and with some. */
import { hash, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { once } from 'node:events'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { startNodeProcess, type NodeProcess } from '../../demo/node-process.ts'
import type { MirrorJson, SeedCard } from '../../http-gateway/index.ts'
import { percentile } from './load.ts'
import type { Row } from './table.ts'

export interface CrowdSize {
  readonly mirrors: number
  readonly readers: number
}

const PASSPHRASE = 'bench'

/** What leaves the publisher, all readers together. */
const RATE = '1MiB'

/** What one reader wants, in bytes. */
const DOCUMENT_BYTES = 64 << 10

/** Between one of them and the next, in ms: 500 within 10 s want three times what the line can send. */
const COME_EVERY = 20

/** How long mirrors may take to copy, to offer themselves and to be compared, in ms. */
const LISTED_WITHIN = 90_000

const DOCUMENT = '/document.bin'

interface Outcome {
  /** From the first request to the last byte, in ms. */
  readonly times: readonly number[]
  /** Of the documents, by whether the publisher sent them. */
  readonly fromPublisher: number
  readonly fromMirrors: number
}

/**
 * The readers are light clients in this process, each with an address of its own: they honour 307 and Retry-After as nodes do, and compare
 * each document with what it has to be.
 */
export async function measureFlashCrowd(home: string, size: CrowdSize): Promise<Row[]> {
  const nodes: NodeProcess[] = []
  const content = randomBytes(DOCUMENT_BYTES)
  const start = async (
    name: string,
    seeds: readonly string[],
    rate = '0'
  ): Promise<NodeProcess> => {
    const node = await startNodeProcess({
      home: join(home, name),
      passphrase: PASSPHRASE,
      seeds,
      environment: { PLEXNET_OVERLAY_MDNS: 'false', PLEXNET_LIMITS_RATE: rate }
    })

    nodes.push(node)

    return node
  }

  try {
    const folder = join(home, 'site')

    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, DOCUMENT), content)

    const seed = await start('seed', [])
    const [seedUrl = ''] = (await seed.ask<SeedCard>('seed')).urls
    const publisher = await start('publisher', [seedUrl], RATE)

    await publisher.ask('publish', folder)
    await publisher.event('announced', ({ stored }) => stored > 0)

    const alone = await playCrowd(publisher, content, size)

    for (let index = 0; index < size.mirrors; index += 1) {
      const mirror = await start(`mirror-${index}`, [seedUrl])

      await mirror.event('joined')
      await mirror.ask<MirrorJson>('mirror', publisher.ready.address)
    }

    await untilListed(publisher, size.mirrors)

    return rowsOf(alone, await playCrowd(publisher, content, size), size)
  } finally {
    await Promise.all(nodes.map(async node => node.stop()))
  }
}

async function untilListed(publisher: NodeProcess, count: number): Promise<void> {
  const until = performance.now() + LISTED_WITHIN

  for (;;) {
    const { headers } = await ask(gatewayOf(publisher), {})
    const listed = new Set(String(headers['list-mirrors'] ?? '').match(/node="[^"]+"/g))

    if (listed.size >= count) return
    if (performance.now() > until) {
      throw new Error(`${listed.size} of ${count} mirrors were listed within ${LISTED_WITHIN} ms.`)
    }
    await delay(500)
  }
}

async function playCrowd(
  publisher: NodeProcess,
  content: Buffer,
  { readers }: CrowdSize
): Promise<Outcome> {
  const digest = hash('sha256', content)
  const counts = { publisher: 0, mirrors: 0 }
  const times = await Promise.all(
    Array.from({ length: readers }, async (_, index) => {
      await delay(index * COME_EVERY)

      const begun = performance.now()
      const from = await read(gatewayOf(publisher), addressOf(index), digest)

      counts[from] += 1

      return performance.now() - begun
    })
  )

  return { times, fromPublisher: counts.publisher, fromMirrors: counts.mirrors }
}

/** Who had the document in the end. */
async function read(
  gateway: string,
  address: string,
  digest: string
): Promise<'publisher' | 'mirrors'> {
  const fields = { 'list-mirrors': '?1', 'x-forwarded-for': address }

  for (;;) {
    const answer = await ask(gateway, fields)
    const { location } = answer.headers

    if (answer.statusCode === 200) return check(answer, digest, 'publisher')
    answer.resume()

    if (answer.statusCode === 307 && location !== undefined) {
      return check(await ask(location, fields, ''), digest, 'mirrors')
    }

    await delay(Number(answer.headers['retry-after'] ?? 1) * 1000)
  }
}

async function check<From>(answer: IncomingMessage, digest: string, from: From): Promise<From> {
  const body = await buffer(answer)

  if (answer.statusCode !== 200 || hash('sha256', body) !== digest) {
    throw new Error(`A reader got status ${answer.statusCode} and ${body.length} bytes.`)
  }

  return from
}

async function ask(
  url: string,
  headers: Record<string, string>,
  path = DOCUMENT
): Promise<IncomingMessage> {
  const target = new URL(path, url)
  const open = target.protocol === 'https:' ? tlsRequest : plainRequest
  // A reader checks the bytes: whose certificate it is does not matter to it.
  const request = open(path === '' ? url : target, {
    headers,
    agent: false,
    rejectUnauthorized: false
  })

  request.end()

  const [answer] = (await once(request, 'response')) as [IncomingMessage]

  return answer
}

function gatewayOf({ ready }: NodeProcess): string {
  return ready.http.find(url => url.includes('127.0.0.1')) ?? ''
}

/** Each reader is a source of its own. */
function addressOf(index: number): string {
  return `198.18.${index >> 8}.${index & 0xff}`
}

function rowsOf(alone: Outcome, together: Outcome, { mirrors, readers }: CrowdSize): Row[] {
  const before = percentile(alone.times, 0.95)
  const after = percentile(together.times, 0.95)
  const share = together.fromMirrors / (together.fromMirrors + together.fromPublisher)
  const crowd = `${readers} readers in ${(readers * COME_EVERY) / 1000} s`

  return [
    {
      what: `${crowd}, no mirror: half have the document after, 95 %`,
      measured: `${seconds(percentile(alone.times, 0.5))}, ${seconds(before)}`,
      target: '',
      met: true
    },
    {
      what: `${crowd}, ${mirrors} mirrors: half have the document after, 95 %`,
      measured: `${seconds(percentile(together.times, 0.5))}, ${seconds(after)}`,
      target: '',
      met: true
    },
    {
      what: 'quicker with mirrors, by the 95th percentile',
      measured: `${(before / after).toFixed(1)} times`,
      target: '5 times',
      met: before / after >= 5
    },
    {
      what: `of ${together.times.length} documents the mirrors sent`,
      measured: `${(share * 100).toFixed(1)} %`,
      target: '90 %',
      met: share >= 0.9
    }
  ]
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`
}
