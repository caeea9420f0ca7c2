import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { directoriesOf } from '../../config.ts'
import { makeHome, plexnet, startNode } from './run.ts'

const SECRET = { PLEXNET_PASSPHRASE: 'correct horse' }

async function makeSite(home: string): Promise<string> {
  const site = join(home, 'site')
  await mkdir(site)
  await writeFile(join(site, 'index.html'), '<h1>mine</h1>')
  return site
}

/** Two homes with identities of their own, made once: keys take a second. */
const templates: string[] = []

test.before(async () => {
  for (const name of ['one', 'two']) {
    const home = await mkdtemp(join(tmpdir(), `plexnet-start-${name}-`))
    templates.push(home)
    await plexnet(home, ['init'], SECRET)
  }
})

test.after.always(async () => {
  await Promise.all(templates.map(async home => rm(home, { recursive: true })))
})

async function madeHome(t: ExecutionContext, which: 0 | 1 = 0): Promise<string> {
  const home = await makeHome(t)
  await cp(templates[which] ?? t.fail(), home, { recursive: true })
  return home
}

test.serial(
  'start makes an identity, says so, and its first line tells where the node is',
  async t => {
    const home = await makeHome(t)
    const { ready, next } = await startNode(t, home)
    const id = JSON.parse((await plexnet(home, ['id', '--json'])).stdout)

    t.is(ready['uuid'], id.uuid)
    t.is(ready['address'], id.address)
    t.is(ready['fingerprint'], id.fingerprints.sha256)
    t.is(ready['locked'], false)
    t.regex(JSON.stringify(ready['http']), /^\["http:\/\/127\.0\.0\.1:\d+"/)
    t.regex(JSON.stringify(ready['https']), /^\["https:\/\/127\.0\.0\.1:\d+"/)
    t.regex(JSON.stringify(ready['p2p']), /^\["\/ip4\/127\.0\.0\.1\/tcp\/\d+/)
    t.like(await next('created'), {
      uuid: id.uuid,
      passphraseFile: join(home, 'config/passphrase')
    })
  }
)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test.serial(`${signal} ends a node with 0`, async t => {
    const { child } = await startNode(t, await madeHome(t), [], SECRET)
    child.kill(signal)

    t.deepEqual(await once(child, 'exit'), [0, null])
  })
}

test.serial('stop returns when the node has ended, which it does with 0', async t => {
  const home = await madeHome(t)
  const { child } = await startNode(t, home, [], SECRET)
  const ended = once(child, 'exit')
  const { code } = await plexnet(home, ['stop'])

  t.is(code, 0)
  t.deepEqual(await ended, [0, null])
  t.is((await plexnet(home, ['status'])).code, 5)
})

test.serial('a second start of one home exits with 3 and leaves the first alone', async t => {
  const home = await madeHome(t)
  await startNode(t, home, [], SECRET)
  const { code, stderr } = await plexnet(home, ['start'], SECRET)

  t.is(code, 3)
  t.regex(stderr, /plexnet: a node already runs here/)
  t.is((await plexnet(home, ['status'])).code, 0)
})

test.serial('a port that is taken exits with 3 and is named', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address != null ? String(address.port) : t.fail()
  const { code, stderr } = await plexnet(
    await madeHome(t),
    [
      'start',
      '--json',
      '--local-only',
      '--http-port',
      port,
      '--https-port',
      '0',
      '--p2p-port',
      '0'
    ],
    SECRET
  )

  t.is(code, 3)
  t.true(stderr.includes(port))
  t.true(stderr.includes('"code":"PLEXNET_PORT_TAKEN"'), stderr)
})

test.serial(
  'without a passphrase an identity starts locked and says so; unlock mends it',
  async t => {
    const home = await madeHome(t)
    const { ready, next } = await startNode(t, home)
    const warning = await next('warning')
    const locked = JSON.parse((await plexnet(home, ['status', '--json'])).stdout)
    const wrong = await plexnet(home, ['unlock'], { PLEXNET_PASSPHRASE: 'wrong' })
    const right = await plexnet(home, ['unlock'], SECRET)
    const unlocked = JSON.parse((await plexnet(home, ['status', '--json'])).stdout)

    t.is(ready['locked'], true)
    t.is(warning['code'], 'PLEXNET_LOCKED')
    t.is(locked.locked, true)
    t.is(wrong.code, 7)
    t.is(right.code, 0)
    t.is(unlocked.locked, false)
  }
)

test.serial('a wrong passphrase ends a start with 7', async t => {
  const { code } = await plexnet(
    await madeHome(t),
    ['start', '--local-only', '--http-port', '0', '--https-port', '0', '--p2p-port', '0'],
    { PLEXNET_PASSPHRASE: 'wrong' }
  )

  t.is(code, 7)
})

test.serial('a node that was killed starts again', async t => {
  const home = await madeHome(t)
  const { child } = await startNode(t, home, [], SECRET)
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
  const { ready } = await startNode(t, home, [], SECRET)

  t.is(ready['event'], 'ready')
})

test.serial(
  'a site is published, found through a seed, read from another node, and withdrawn',
  async t => {
    const [home, other] = [await madeHome(t), await madeHome(t, 1)]
    const site = await makeSite(home)
    const publisher = await startNode(t, home, ['--site', site], SECRET)
    const published = await publisher.next('published')
    const { urls } = JSON.parse((await plexnet(home, ['seed', '--json'])).stdout)
    const reader = await startNode(t, other, ['--seed', urls[0]], SECRET)
    await reader.next('joined')
    const address = String(publisher.ready['address'])
    const resolved = JSON.parse((await plexnet(other, ['resolve', address, '--json'])).stdout)
    const read = await plexnet(other, ['get', `${address}/`])
    const missing = await plexnet(other, ['get', `${address}/none`])
    const file = join(other, 'index.html')
    const ranged = await plexnet(other, [
      'get',
      `${address}/index.html`,
      '--range',
      '4-7',
      '-o',
      file
    ])
    const unpublished = await plexnet(home, ['unpublish'])
    const after = await plexnet(other, ['get', `${address}/`])

    t.is(published['root'], site)
    t.is(resolved.address, address)
    t.is(resolved.assurance, 'self-certifying')
    t.is(read.stdout, '<h1>mine</h1>')
    t.is(missing.code, 4)
    t.is(ranged.code, 0)
    t.is(await readFile(file, 'utf8'), 'mine')
    t.is(unpublished.code, 0)
    t.is(after.code, 4)
  }
)

test.serial(
  'a seed with another certificate than the pinned one is not joined, and is told of',
  async t => {
    const [home, other] = [await madeHome(t), await madeHome(t, 1)]
    await startNode(t, home, [], SECRET)
    const { urls } = JSON.parse((await plexnet(home, ['seed', '--json'])).stdout)
    const [origin] = String(urls[0]).split('#')
    const { next } = await startNode(
      t,
      other,
      ['--seed', `${origin}#SHA256:${'0'.repeat(64)}`],
      SECRET
    )
    const { message } = await next('warning')
    const { join: network } = JSON.parse((await plexnet(other, ['status', '--json'])).stdout)

    t.regex(String(message), /certificate/)
    t.is(network.peers, 0)
    t.is(network.seeds[0].outcome, 'failed')
  }
)

test.serial(
  'publish starts a node in the background that outlives it, and says where the site is',
  async t => {
    const home = await makeHome(t)
    const site = await makeSite(home)
    const ports = {
      PLEXNET_GATEWAY_HTTP_PORT: '0',
      PLEXNET_GATEWAY_HTTPS_PORT: '0',
      PLEXNET_OVERLAY_P2P_PORT: '0',
      PLEXNET_OVERLAY_MDNS: 'false',
      PLEXNET_NODE_LOCAL_ONLY: 'true'
    }
    t.teardown(async () => plexnet(home, ['stop']))
    const published = await plexnet(home, ['publish', site, '--json'], ports)
    const value = JSON.parse(published.stdout)
    const page = await fetch(value.urls.local)
    const status = JSON.parse((await plexnet(home, ['status', '--json'])).stdout)
    const log = await stat(join(home, 'state/node.log'))

    t.is(published.code, 0)
    t.like(value, { root: site, started: true, passphraseFile: join(home, 'config/passphrase') })
    t.is(await page.text(), '<h1>mine</h1>')
    t.is(status.site.root, site)
    t.is(status.locked, false)
    t.is(log.mode & 0o777, 0o600)

    const again = JSON.parse((await plexnet(home, ['publish', site, '--json'])).stdout)
    t.is(again.started, false)
  }
)

test.serial('publish tells why the node in the background could not start', async t => {
  const home = await madeHome(t)
  const server = createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  const { code, stderr } = await plexnet(home, ['publish', await makeSite(home)], {
    ...SECRET,
    PLEXNET_GATEWAY_HTTP_PORT: String(typeof address === 'object' ? address?.port : ''),
    PLEXNET_GATEWAY_HTTPS_PORT: '0',
    PLEXNET_OVERLAY_P2P_PORT: '0',
    PLEXNET_NODE_LOCAL_ONLY: 'true'
  })

  t.is(code, 3)
  t.regex(stderr, /is taken/)
  t.deepEqual(await readdir(join(directoriesOf({}, home).state, 'control')), [])
})
