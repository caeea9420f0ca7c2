/** Content is verified block by block from the publisher's folder to the reader's browser, by real processes. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { PublishedSite, SeedCard, VerifyReport } from '../../http-gateway/index.ts'
import { chromium, varietyOf } from '../helpers/chromium.ts'
import { startNginx } from '../helpers/nginx.ts'
import { joinTestProcess, startTestProcess, type TestProcess } from '../helpers/node-processes.ts'
import { isInstalled, runProgram } from '../helpers/programs.ts'
import { temporaryFolder, type Teardown } from '../helpers/testnet.ts'
import { ask, type Answer } from '../http-gateway/client.ts'

const DEMO_SITE = join(import.meta.dirname, '../../demo/site')
const KEEP = process.env['PLEXNET_TEST_SCREENSHOTS']
const FILES: Readonly<Record<string, Buffer>> = {
  'big.bin': randomBytes(3_000_000),
  'docs/one.txt': Buffer.from('one'),
  'docs/a b & ü.txt': Buffer.from('a name that needs encoding'),
  'docs/deep/er/two.bin': randomBytes(300_000),
  empty: Buffer.alloc(0),
  'unread.bin': randomBytes(700_000)
}

interface Network {
  readonly publisher: TestProcess
  readonly reader: TestProcess
  readonly folder: string
}

const shared = new AsyncDisposableStack()
const ending: Teardown = { teardown: act => shared.defer(act) }

let seeds: readonly string[]

test.before(async t => {
  t.timeout(60_000)

  const seed = await startTestProcess(ending)

  seeds = (await seed.ask<SeedCard>('seed')).urls.slice(0, 1)
})

test.after.always(async () => shared.disposeAsync())

/** A publisher with a signed site, and a reader that may be given sources. */
async function start(
  t: ExecutionContext,
  sources: (folder: string, address: string) => Promise<readonly string[]> = async () => []
): Promise<Network> {
  t.timeout(120_000)

  const folder = await siteFolder(t)
  const publisher = await joinTestProcess(t, { seeds })

  await publisher.ask<PublishedSite>('publish', folder)
  await Promise.all([
    publisher.event('signed'),
    publisher.event('announced', ({ stored }) => stored > 0)
  ])

  const listed = await sources(folder, publisher.ready.address)
  const reader = await joinTestProcess(t, { seeds, environment: environmentOf(listed) })

  return { publisher, reader, folder }
}

function environmentOf(sources: readonly string[]): NodeJS.ProcessEnv {
  return {
    PLEXNET_CONTENT_SOURCES: sources.join(' '),
    PLEXNET_CONTENT_PRIVATE_SOURCES: 'true'
  }
}

async function siteFolder(t: ExecutionContext): Promise<string> {
  const folder = join(await temporaryFolder(t), 'site')

  await cp(DEMO_SITE, folder, { recursive: true })
  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }

  return folder
}

function targetOf(name: string): string {
  return `/${name.split('/').map(encodeURIComponent).join('/')}`
}

async function read({ reader, publisher }: Network, name: string): Promise<Answer> {
  return ask(reader.gateway, targetOf(name), { host: publisher.host })
}

test.serial(
  'a site is read whole through another node, verified, and anew when it changes (A17, C2)',
  async t => {
    const net = await start(t)

    for (const [name, content] of Object.entries(FILES)) {
      const { status, headers, body } = await read(net, name)

      t.is(status, 200, name)
      t.true(body.equals(content), name)
      t.regex(String(headers['plexnet-verified']), /^\?1;root="bafy[a-z2-7]+";seq=\d+$/)
    }

    const before = await read(net, 'docs/one.txt')
    const signed = net.publisher.event('signed', ({ seq }) => seq > seqOf(before))

    // As an editor saves.
    await writeFile(join(net.folder, 'docs/.one.txt.new'), 'two, after a change')
    await rename(join(net.folder, 'docs/.one.txt.new'), join(net.folder, 'docs/one.txt'))
    await signed

    let after = before

    while (after.body.equals(before.body)) after = await read(net, 'docs/one.txt')

    t.is(after.body.toString(), 'two, after a change')
    t.true(seqOf(after) > seqOf(before))
    t.true((await read(net, 'big.bin')).body.equals(FILES['big.bin'] ?? Buffer.alloc(0)))

    const report = await net.reader.ask<VerifyReport>('verify', net.publisher.ready.address)

    t.is(report.sources[0]?.state, 'complete')
    t.is(report.missing.count, 0)
    t.true(report.files >= Object.keys(FILES).length)
  }
)

function seqOf({ headers }: Answer): number {
  return Number(/seq=(\d+)/.exec(String(headers['plexnet-verified']))?.[1])
}

test.serial('curl reads ranges and coded answers, a browser shows the page', async t => {
  const net = await start(t)
  const { port } = new URL(net.reader.gateway)
  const url = `http://${net.publisher.host}:${port}`
  const curl = async (...args: string[]): Promise<string> => {
    const file = join(await temporaryFolder(t), 'out')
    const { code, stderr } = await runProgram('curl', [
      '-sS',
      '--fail',
      '--resolve',
      `${net.publisher.host}:${port}:127.0.0.1`,
      '-o',
      file,
      ...args
    ])

    t.is(code, 0, stderr)

    return file
  }

  if (await isInstalled('curl')) {
    const big = FILES['big.bin'] ?? Buffer.alloc(0)
    const part = await readFile(await curl('-r', '1000000-1999999', `${url}/big.bin`))
    const page = await readFile(await curl('--compressed', `${url}/`), 'utf8')

    t.true(part.equals(big.subarray(1_000_000, 2_000_000)))
    t.is(page, await readFile(join(DEMO_SITE, 'index.html'), 'utf8'))

    // A download that was broken off and is taken up again.
    const file = join(await temporaryFolder(t), 'resumed')

    await writeFile(file, big.subarray(0, 1_234_567))
    await runProgram('curl', [
      '-sS',
      '-C',
      '-',
      '--resolve',
      `${net.publisher.host}:${port}:127.0.0.1`,
      '-o',
      file,
      `${url}/big.bin`
    ])
    t.true((await readFile(file)).equals(big))
  } else t.log('curl is not installed')

  if (await chromium.isInstalled()) {
    const page = await chromium.dom(t, `${url}/`)
    const picture = await chromium.screenshot(t, `${url}/`)

    t.regex(page, /<title>A site without a server of its own<\/title>/)
    t.true(page.includes(`<code id="address">${net.publisher.host}</code>`))
    t.true(varietyOf(picture) > 20)
    if (KEEP != null) await writeFile(join(KEEP, 'verified.png'), picture)
  } else t.log('chromium is not installed')
})

// A50
test.serial(
  'with the publisher killed, what was read before is read again, by a node started anew, too',
  async t => {
    const net = await start(t)

    for (const name of ['big.bin', 'index.html', 'docs/one.txt'])
      t.is((await read(net, name)).status, 200)

    await net.publisher.kill()
    t.true((await read(net, 'big.bin')).body.equals(FILES['big.bin'] ?? Buffer.alloc(0)))
    await net.reader.stop()

    const again = await startTestProcess(t, { home: net.reader.home })
    const reading = { ...net, reader: again }
    const { headers, body } = await read(reading, 'big.bin')

    t.true(body.equals(FILES['big.bin'] ?? Buffer.alloc(0)))
    t.regex(String(headers['plexnet-stale']), /^\?1;age=\d+$/)
    t.regex(String(headers.age), /^\d+$/)

    const unread = await ask(again.gateway, '/unread.bin', {
      host: net.publisher.host,
      headers: { accept: 'text/html' }
    })

    t.is(unread.status, 502)
    t.regex(
      unread.body.toString(),
      /no source that can be reached has a right copy of the block baf/
    )

    if (KEEP != null && (await chromium.isInstalled())) {
      const url = `http://${net.publisher.host}:${new URL(again.gateway).port}/unread.bin`

      await writeFile(join(KEEP, 'missing-block.png'), await chromium.screenshot(t, url))
    }
  }
)

// C17, C3
test.serial(
  'with the publisher killed, nginx over a copy serves the site, verified, beside a server that lies',
  async t => {
    if (!(await isInstalled('/usr/sbin/nginx', '-v'))) {
      t.log('nginx is not installed')
      t.pass()

      return
    }

    const net = await start(t, async (folder, address) => {
      const copy = join(await temporaryFolder(t), 'copy')

      await cp(folder, copy, { recursive: true })

      return [
        `web+${await startLiar(t)}/#${address}`,
        `web+${await startNginx(t, copy)}/#${address}`
      ]
    })

    // The reader learns the tree while the publisher is on, and of the files none but one.
    await read(net, 'docs/one.txt')
    const { body } = await ask(net.reader.gateway, '/big.bin', {
      host: net.publisher.host,
      method: 'HEAD'
    })

    t.is(body.length, 0)
    await net.publisher.kill()

    const { status, headers, body: read2 } = await read(net, 'big.bin')

    t.is(status, 200)
    t.true(read2.equals(FILES['big.bin'] ?? Buffer.alloc(0)))
    t.regex(String(headers['plexnet-verified']), /^\?1;/)
    t.true((await read(net, 'docs/one.txt')).body.equals(FILES['docs/one.txt'] ?? Buffer.alloc(0)))
  }
)

/** A web server with a right length and wrong bytes of everything. */
async function startLiar(t: ExecutionContext): Promise<string> {
  const server = createServer(({ headers }, response) => {
    const [, first = '0', last = '0'] = /(\d+)-(\d+)/.exec(headers.range ?? '') ?? []

    response.writeHead(206, { 'content-range': `bytes ${first}-${last}/*` })
    response.end(Buffer.alloc(Number(last) - Number(first) + 1, 'lie'))
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })

  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
