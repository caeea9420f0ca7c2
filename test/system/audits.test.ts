/** Mirrors that lie, found out by real nodes over real sockets. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { CID } from 'multiformats/cid'
import type { AuditJson, MirrorJson, VerifyReport } from '../../http-gateway/index.ts'
import type { FullAddress } from '../../identity/index.ts'
import type { VerifiedSite } from '../../overlay/content/index.ts'
import { treeOf, type MemoryTree } from '../helpers/blocks.ts'
import {
  seedUrlOf,
  startTestNode,
  startTestnet,
  temporaryFolder,
  untilFound,
  type TestNode
} from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

/** The request that is being answered in this process. */
const requests = new AsyncLocalStorage<IncomingMessage>()

function note(message: unknown): void {
  const { request } = message as { request: IncomingMessage }

  requests.enterWith(request)
}

test.before(() => subscribe('http.server.request.start', note))
test.after.always(() => {
  unsubscribe('http.server.request.start', note)
})

const FLAGS = { 'audits.interval': 300 }

interface World {
  readonly publisher: TestNode
  readonly mirror: TestNode
  /** They have read the site, and so look at mirrors for its publisher. */
  readonly readers: readonly TestNode[]
  /** Of the publisher. */
  readonly folder: string
}

async function start(
  t: ExecutionContext,
  flags: Readonly<Record<string, unknown>> = {}
): Promise<World> {
  t.timeout(180_000)

  const { nodes } = await startTestnet(t, 4, { flags: { ...FLAGS, ...flags } })
  const [publisher, mirror, ...readers] = nodes
  const folder = join(await temporaryFolder(t), 'site')

  await mkdir(folder)
  await Promise.all([
    writeFile(join(folder, 'index.html'), '<h1>a site with mirrors</h1>'),
    writeFile(join(folder, 'big.bin'), randomBytes(2_000_000))
  ])
  await publisher.node.publish(folder)
  await publisher.event('announced', ({ stored }) => stored > 0)
  for (const reader of readers) {
    t.is((await ask(reader.gateway, '/', { host: publisher.host })).status, 200)
  }

  return { publisher, mirror, readers, folder }
}

async function mirrored({ publisher, mirror }: World): Promise<void> {
  await mirror.node.mirrors.add(publisher.ready.address, 1 << 30)
  await until(
    async () => mirror.node.mirrors.list(),
    ([one]: MirrorJson[]) => one?.state === 'current'
  )
}

/** Asks again and again; each question is answered by the node at work, so that this is no busy wait. */
async function until<Value>(
  look: () => Promise<Value>,
  matches: (value: Value) => boolean
): Promise<Value> {
  for (;;) {
    const value = await look()

    if (matches(value)) return value
    await new Promise(setImmediate)
  }
}

async function standing({ publisher, mirror }: World): Promise<AuditJson | undefined> {
  const { mirrors } = await publisher.node.audits.list()

  return mirrors.find(one => one.mirror === mirror.ready.address)
}

async function incidentsAt(node: TestNode): Promise<readonly string[]> {
  return (await node.node.audits.list()).incidents.map(incident => incident.node)
}

async function reportOf(
  publisher: TestNode,
  { node }: TestNode
): Promise<VerifyReport | undefined> {
  const events = await Array.fromAsync(node.verify(publisher.ready.address))

  return events.find(event => event.event === 'report')
}

type Block = (cid: CID) => Promise<Uint8Array | undefined>

/** Has a mirror serve another tree to whoever does not show that it is a node; returns the targets that it was asked for so. */
function serveToOthers({ publisher, mirror }: World, other: MemoryTree): string[] {
  const { mirrors } = mirror.node as unknown as {
    mirrors: { block: Block; record: (site: FullAddress) => VerifiedSite | undefined }
  }
  const [block, record] = [mirrors.block.bind(mirrors), mirrors.record.bind(mirrors)]
  const asked: string[] = []

  mirrors.record = site => {
    const { url = '', headers } = requests.getStore() ?? {}
    const known = record(site)

    if (known == null || headers?.via != null) return known
    if (!url.startsWith(`/${publisher.ready.address}/`)) return known
    asked.push(url)

    return { ...known, root: other.root }
  }
  mirrors.block = async cid => (await other.block(cid)) ?? block(cid)

  return asked
}

/** Puts other bytes into the blocks of a mirror where `lies` says so; returns the requests that it answered. */
function corrupt(
  { node }: TestNode,
  lies: (request: IncomingMessage) => boolean
): IncomingMessage[] {
  const { mirrors } = node as unknown as { mirrors: { block: Block } }
  const honest = mirrors.block.bind(mirrors)
  const answered: IncomingMessage[] = []

  mirrors.block = async cid => {
    const request = requests.getStore()
    const bytes = await honest(cid)

    if (bytes == null || request?.url?.startsWith('/ipfs/') !== true) return bytes

    answered.push(request)
    if (!lies(request)) return bytes

    const wrong = Buffer.from(bytes)

    wrong[0] = (wrong[0] ?? 0) ^ 1

    return wrong
  }

  return answered
}

// C10, C15
test.serial('an honest mirror is audited through others, and stays sound', async t => {
  const world = await start(t)
  const thirds = new Set<string | undefined>()

  await mirrored(world)

  const seen = await until(
    async () => standing(world),
    one => {
      if (one?.last != null) thirds.add(one.last.through)

      return (one?.passed ?? 0) >= 6 && thirds.size > 1
    }
  )

  t.is(seen?.state, 'sound')
  t.true((seen?.challenges ?? 0) >= 6)
  t.deepEqual(await incidentsAt(world.publisher), [])
})

test.serial(
  'a mirror that changes a byte for everybody is caught, and everybody hears of it and drops it',
  async t => {
    const world = await start(t)
    const { publisher, mirror, readers } = world
    const answered = corrupt(mirror, () => true)

    await mirrored(world)

    const seen = await until(
      async () => standing(world),
      one => one?.state === 'dropped'
    )

    t.is(seen?.last?.outcome, 'lied')
    for (const node of [publisher, ...readers]) {
      await node.event('warning', ({ code }) => code === 'PLEXNET_INCIDENT')
      t.deepEqual(await incidentsAt(node), [mirror.ready.address])
    }

    const report = await reportOf(publisher, readers[0] ?? publisher)

    t.like(
      report?.sources.find(({ id }) => id === mirror.ready.address),
      { kind: 'node', state: 'wrong' }
    )

    // Whoever heard of it does not ask the liar, though nobody else is left.
    await publisher.stop()

    const before = answered.length
    const [reader] = readers
    const { status } = await ask(reader?.gateway ?? '', '/big.bin', { host: publisher.host })

    t.not(status, 200)
    t.is(answered.length, before)
  }
)

/** How a node is known to others that it asks: by what stands in its Via for as long as it runs. */
async function viaOf(asking: TestNode, asked: TestNode): Promise<string> {
  const seen = Promise.withResolvers<string>()
  const path = `/who-asks-${randomBytes(8).toString('hex')}`
  const look = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage }

    if (request.url === path) seen.resolve(String(request.headers.via))
  }

  subscribe('http.server.request.start', look)
  try {
    const { body } = await asking.node.fetch(asked.ready.address, path)

    body.resume()

    return await seen.promise
  } finally {
    unsubscribe('http.server.request.start', look)
  }
}

test.serial('a mirror that lies to others than the publisher is caught through them', async t => {
  const world = await start(t)
  const { publisher, mirror, readers } = world
  const via = await viaOf(publisher, mirror)
  const answered = corrupt(mirror, ({ headers }) => headers.via !== via)

  await mirrored(world)

  const seen = await until(
    async () => standing(world),
    one => one?.state === 'dropped'
  )

  t.is(seen?.last?.outcome, 'lied')
  // The third node announces the proof, too, which may be here before its report.
  t.true(
    [undefined, ...readers.map(({ ready }) => ready.address)].includes(seen?.last?.through),
    seen?.last?.through
  )
  t.true(answered.some(({ headers }) => headers.via !== via))
  await publisher.event('warning', ({ code }) => code === 'PLEXNET_INCIDENT')
  t.deepEqual(await incidentsAt(publisher), [mirror.ready.address])
})

test.serial(
  'a mirror that lies to clients without a node alone is caught, with proof for everybody (C15)',
  async t => {
    const world = await start(t)
    const { publisher, mirror, readers } = world
    const other = await treeOf({ 'index.html': '<h1>pay here</h1>', 'big.bin': 'not the film' })
    const asked = serveToOthers(world, other)

    await mirrored(world)

    const seen = await until(
      async () => standing(world),
      one => one?.state === 'dropped'
    )

    t.is(seen?.last?.outcome, 'lied')
    t.true(asked.length > 0)

    for (const node of [publisher, ...readers]) {
      await node.event('warning', ({ code }) => code === 'PLEXNET_INCIDENT')

      const [incident] = (await node.node.audits.list()).incidents

      t.is(incident?.node, mirror.ready.address)
      t.regex(incident?.what ?? '', /signed a document out of another tree than version \d+ of/)
    }
  }
)

test.serial(
  'a mirror that serves its blocks no more is dropped after some audits, and nobody is told',
  async t => {
    const world = await start(t)
    const { mirrors } = world.mirror.node as unknown as { mirrors: { block: Block } }

    await mirrored(world)
    mirrors.block = async () => undefined

    const seen = await until(
      async () => standing(world),
      one => one?.state === 'dropped'
    )

    // By the path there is a document that cannot be read, by its CID a block that is not there.
    t.true(['absent', 'failed'].includes(seen?.last?.outcome ?? ''), seen?.last?.outcome)
    for (const node of [world.publisher, ...world.readers]) {
      t.deepEqual(await incidentsAt(node), [])
    }
  }
)

test.serial(
  'a mirror that takes requests and sends nothing is dropped as one that stalls, and is no liar',
  async t => {
    const world = await start(t)
    const { publisher, mirror } = world
    const { mirrors } = mirror.node as unknown as { mirrors: { block: Block } }

    await mirrored(world)
    mirrors.block = async () => new Promise(() => {})

    const seen = await until(
      async () => standing(world),
      one => one?.state === 'dropped'
    )

    t.is(seen?.last?.outcome, 'stalled')
    t.regex(seen?.reason ?? '', /3 audits in a row/)
    t.deepEqual(await incidentsAt(publisher), [])
    t.is((await publisher.node.mirrors.overview()).wouldServe, 0)
  }
)

// C10
test.serial(
  'a mirror that hides a new version is struck, and dropped where it goes on',
  async t => {
    const world = await start(t, { 'audits.stale_after': 1000 })
    const { publisher, mirror, folder } = world

    await mirrored(world)
    await until(
      async () => standing(world),
      one => one?.state === 'sound'
    )
    hideNews(mirror)
    await writeFile(join(folder, '.new'), '<h1>a new version</h1>')
    await rename(join(folder, '.new'), join(folder, 'index.html'))

    const { seq } = await publisher.event('signed', event => event.cid !== heldBy(mirror))
    const seen = await until(
      async () => standing(world),
      one => one?.state === 'dropped'
    )

    t.is(seen?.last?.outcome, 'stale')
    t.true((seen?.version ?? Infinity) < seq)
    await publisher.event('warning', ({ code }) => code === 'PLEXNET_MIRROR_DROPPED')
    // That it is old proves no lie: it may have been asleep.
    t.deepEqual(await incidentsAt(publisher), [])
    t.is((await publisher.node.mirrors.overview()).wouldServe, 0)
  }
)

/** From now on a mirror learns of no other version. */
function hideNews({ node }: TestNode): void {
  const { mirrors } = node as unknown as {
    mirrors: { check: () => void; begin: () => Promise<never> }
  }

  mirrors.check = () => {}
  mirrors.begin = async () => Promise.reject(new Error('not now'))
}

function heldBy({ node }: TestNode): string | undefined {
  const { mirrors } = node as unknown as { mirrors: { held: () => { root: CID }[] } }

  return mirrors.held()[0]?.root.toString()
}

test.serial('an audit is, byte for byte, what a reader asks for', async t => {
  const world = await start(t)
  const { publisher, mirror } = world
  const answered = corrupt(mirror, () => false)

  await mirrored(world)
  await until(
    async () => standing(world),
    one => (one?.passed ?? 0) >= 4
  )
  await publisher.stop()

  const audits = answered.splice(0)

  t.true(audits.length > 0)
  t.is(new Set(audits.map(shapeOf)).size, 1, [...new Set(audits.map(shapeOf))].join('\n'))

  // It never saw the site, and reads from nobody else.
  const stranger = await startTestNode(t, { seeds: [await seedUrlOf(mirror)], flags: FLAGS })

  await untilFound(stranger)
  t.is((await ask(stranger.gateway, '/', { host: publisher.host })).status, 200)
  t.true(answered.length > 0)
  t.deepEqual([...new Set(answered.map(shapeOf))], [...new Set(audits.map(shapeOf))])
})

/** Everything of a request but which block it is, and who asks. */
function shapeOf({ method, url = '', httpVersion, rawHeaders }: IncomingMessage): string {
  const fields = rawHeaders.map((text, index) =>
    ['via', 'host'].includes(rawHeaders[index - 1]?.toLowerCase() ?? '') ? '…' : text
  )

  return `${method} ${url.replace(/^\/ipfs\/[a-z0-9]+/, '/ipfs/…')} ${httpVersion} ${fields.join(' ')}`
}

test.serial('a false accusation goes no further than whoever is sent it', async t => {
  const { nodes } = await startTestnet(t, 2, { flags: FLAGS })
  const [accuser, honest] = nodes
  const { audits } = honest.node as unknown as {
    audits: { hear: (payload: Uint8Array) => Promise<void> }
  }

  await t.throwsAsync(audits.hear(randomBytes(500)), { code: 'PLEXNET_INCIDENT' })
  t.deepEqual(await incidentsAt(honest), [])
  t.deepEqual(await incidentsAt(accuser), [])
})
