/** Agreements between real nodes: offered, checked, listed, told to clients, renewed, taken back. */
import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname, join } from 'node:path'
import { untilMirror } from '../helpers/mirrors-of.ts'
import test, { type ExecutionContext } from 'ava'
import { parseList } from 'structured-headers'
import type {
  HeardEvent,
  MirrorJson,
  MirrorsJson,
  PublishedSite,
  SeedCard
} from '../../http-gateway/index.ts'
import { joinTestProcess, startTestProcess, type TestProcess } from '../helpers/node-processes.ts'
import { startTestnet, temporaryFolder } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

const FILES: Readonly<Record<string, Buffer>> = {
  'index.html': Buffer.from('<h1>mirrored</h1>'),
  'big.bin': randomBytes(3_000_000),
  'docs/a b.txt': Buffer.from('a name that needs encoding')
}

interface Network {
  readonly publisher: TestProcess
  readonly mirror: TestProcess
  readonly folder: string
}

async function start(t: ExecutionContext): Promise<Network> {
  t.timeout(180_000)

  const publisher = await startTestProcess(t)
  const seeds = (await publisher.ask<SeedCard>('seed')).urls.slice(0, 1)
  const folder = join(await temporaryFolder(t), 'site')

  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }

  const mirror = await joinTestProcess(t, { seeds })

  await publisher.ask<PublishedSite>('publish', folder)
  await publisher.event('announced', ({ stored }) => stored > 0)

  return { publisher, mirror, folder }
}

/** The places of the mirrors that an answer of the publisher names. */
async function toldBy(publisher: TestProcess, path = '/'): Promise<string[]> {
  const { headers } = await ask(publisher.gateway, path)
  const field = headers['list-mirrors']?.toString()

  if (field === undefined) return []

  return parseList(field).flatMap(([member]) =>
    Array.isArray(member) ? member.slice(1).map(([uri]) => String(uri)) : []
  )
}

test.serial(
  'a mirror makes its agreement by itself, and every answer of the publisher tells of it (C7, C8, C9)',
  async t => {
    const { publisher, mirror } = await start(t)

    await mirror.ask<MirrorJson>('mirror', publisher.ready.address)

    const listed = await untilMirror(mirror, ({ agreement }) => agreement?.state === 'listed')

    t.truthy(listed.agreement?.expires)

    const places = await toldBy(publisher)

    t.true(places.length > 0)
    t.true(places.every(place => place.endsWith(`/${publisher.ready.address}/`)))

    const { headers } = await ask(publisher.gateway, '/docs/a%20b.txt')
    const [, link = ''] = /<([^>]+)>; rel=duplicate; pri=1/.exec(String(headers.link)) ?? []

    t.regex(link, /^http:\/\/.*\/docs\/a%20b\.txt$/)

    const { origin, pathname } = new URL(link)
    const there = await ask(origin, pathname)

    t.is(there.status, 200, there.body.toString().slice(0, 300))
    t.deepEqual(there.body, FILES['docs/a b.txt'])

    const { mirrors, wouldServe } = await publisher.ask<MirrorsJson>('mirrors')
    const [told] = mirrors

    t.is(wouldServe, 1)
    t.is(told?.id, mirror.ready.address)
    t.is(told?.state, 'listed')
    t.true(told?.isCurrent)
    t.true(told?.lastCheck?.isGood)
    t.true((told?.bytes ?? 0) > 3_000_000)
  }
)

test.serial(
  'a mirror that has an old version is told of again when it has the new one, and never before',
  async t => {
    const { publisher, mirror, folder } = await start(t)
    const first = await mirror.ask<MirrorJson>('mirror', publisher.ready.address)

    await untilMirror(mirror, ({ agreement }) => agreement?.state === 'listed')
    await writeFile(join(folder, '.new'), 'another page')
    await rename(join(folder, '.new'), join(folder, 'index.html'))
    await publisher.event('signed', ({ cid }) => cid !== first.version?.cid)

    for (;;) {
      const answer = await ask(publisher.gateway, '/')

      t.is(answer.body.toString(), 'another page')
      if (answer.headers.link === undefined) continue

      const [, link = ''] = /<([^>]+)>/.exec(String(answer.headers.link)) ?? []
      const { origin, pathname } = new URL(link)

      t.is((await ask(origin, pathname)).body.toString(), 'another page')
      break
    }
  }
)

test.serial(
  'who ends mirroring is told of no more, and needs no word of the publisher for it',
  async t => {
    const { publisher, mirror } = await start(t)

    await mirror.ask<MirrorJson>('mirror', publisher.ready.address)
    await untilMirror(mirror, ({ agreement }) => agreement?.state === 'listed')
    t.true((await toldBy(publisher)).length > 0)
    await mirror.ask<MirrorJson>('unmirror', publisher.ready.address)
    t.deepEqual((await mirror.ask<MirrorsJson>('mirrors')).mirrored, [])

    while ((await toldBy(publisher)).length > 0) {
      // It goes and sees whether that is so.
    }

    t.pass()
  }
)

// A28
test.serial(
  'a mirror and its end go round as news, and a publisher lists a mirror that it has only heard of',
  async t => {
    t.timeout(180_000)

    const {
      nodes: [publisher, mirror, other]
    } = await startTestnet(t, 3)
    const folder = join(await temporaryFolder(t), 'site')

    await mkdir(folder)
    await writeFile(join(folder, 'index.html'), '<h1>mirrored</h1>')
    await publisher.node.publish(folder)
    await publisher.event('announced', ({ stored }) => stored > 0)
    withoutOffers(t)
    await mirror.node.mirrors.add(publisher.ready.address, 1 << 30)

    const isNews = ({ kind, origin }: HeardEvent): boolean =>
      kind === 'mirror' && origin === mirror.ready.address
    const { seq } = await other.event('heard', isNews)

    for (;;) {
      const { mirrors } = await publisher.node.mirrors.overview()

      if (mirrors.some(({ id, state }) => id === mirror.ready.address && state === 'listed')) break
      await new Promise(setImmediate)
    }

    await mirror.node.mirrors.remove(publisher.ready.address)
    await other.event('heard', event => isNews(event) && event.seq > seq)

    while ((await publisher.node.mirrors.overview()).mirrors.length > 0) {
      await new Promise(setImmediate)
    }
    t.pass()
  }
)

/** Takes offers out of all requests in this process. */
function withoutOffers(t: ExecutionContext): void {
  subscribe('http.server.request.start', takeOfferOut)
  t.teardown(() => {
    unsubscribe('http.server.request.start', takeOfferOut)
  })
}

function takeOfferOut(message: unknown): void {
  const { request } = message as { request: IncomingMessage }

  delete request.headers['will-mirror']
}
