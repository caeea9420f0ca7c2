import { execFileSync } from 'node:child_process'
import { hash, randomBytes } from 'node:crypto'
import { mkdir, rename, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import { mediaType } from '../../http-gateway/site/representation.ts'
import { SiteStore } from '../../http-gateway/site/store.ts'
import { ask, begin } from './client.ts'
import { newGateway, newIdentities, newPublisher, temporaryDirectory } from './fixture.ts'

const { own } = await newIdentities('own')
const large = randomBytes(5_000_000)

test('files are served with type, length, validators, and no more than they hold', async t => {
  const gateway = await newPublisher(t, own, {
    'index.html': '<p>hello',
    'docs/index.html': 'docs',
    'docs/a.css': 'p {}',
    'ä b.txt': 'umlaut',
    'large.bin': large,
    empty: ''
  })
  const [origin] = gateway.http
  const page = await ask(origin, '/?query')

  t.is(page.status, 200)
  t.is(page.body.toString(), '<p>hello')
  t.is(page.headers['content-type'], 'text/html; charset=utf-8')
  t.is(page.headers['content-length'], '8')
  t.is(page.headers['accept-ranges'], 'bytes')
  t.is(page.headers['cache-control'], 'no-cache')
  t.regex(page.headers.etag ?? '', /^"[0-9a-z-]+"$/)
  t.regex(page.headers['last-modified'] ?? '', / GMT$/)
  t.is((await ask(origin, '/docs/')).body.toString(), 'docs')
  t.is((await ask(origin, '/docs/a.css')).headers['content-type'], 'text/css; charset=utf-8')
  t.is((await ask(origin, '/%C3%A4%20b.txt')).body.toString(), 'umlaut')
  t.is((await ask(origin, '/empty')).headers['content-length'], '0')

  const whole = await ask(origin, '/large.bin')

  t.is(whole.headers['content-type'], 'application/octet-stream')
  t.true(whole.body.equals(large))
})

test('a folder without its slash is redirected there, with the query', async t => {
  const gateway = await newPublisher(t, own, { 'docs/index.html': 'docs' })
  const { status, headers } = await ask(gateway.http[0], '/docs?x=1')

  t.is(status, 301)
  t.is(headers.location, './docs/?x=1')
})

test('folders without an index are listed only where the owner wants it', async t => {
  const files = { 'docs/b <&>.txt': 'b', 'docs/a.txt': 'a', 'docs/.env': 'x', 'docs/z/y': 'y' }
  const closed = await newPublisher(t, own, files)
  const gateway = await newPublisher(t, own, files, { listing: true })
  const [origin] = gateway.http

  t.is((await ask(closed.http[0], '/docs/')).status, 404)

  const { status, body, headers } = await ask(origin, '/docs/')
  const names = [...body.toString().matchAll(/href="([^"]+)"/g)].map(([, href]) => href)

  t.is(status, 200)
  t.is(headers['content-type'], 'text/html; charset=utf-8')
  t.deepEqual(names, ['../', './z/', './a.txt', './b%20%3C%26%3E.txt'])
  t.false(body.includes('<&>'))
  t.is((await ask(origin, '/docs/b%20%3C%26%3E.txt')).body.toString(), 'b')
  t.is(
    (await ask(origin, '/docs/', { method: 'HEAD' })).headers['content-length'],
    String(body.length)
  )
  t.is((await ask(origin, '/none/')).status, 404)
  t.is((await ask(origin, '/docs/a.txt/')).status, 404)
})

test('HEAD gives the fields of GET and no body, from memory and from disk', async t => {
  const gateway = await newPublisher(t, own, { 'a.txt': 'hello', 'large.bin': large })

  for (const path of ['/a.txt', '/a.txt', '/large.bin', '/none']) {
    // What is too large for memory is hashed for the first who asks for its head, and told to all from then on.
    const head = await ask(gateway.http[0], path, { method: 'HEAD' })
    const get = await ask(gateway.http[0], path)

    t.is(head.status, get.status)
    t.is(head.body.length, 0)
    t.deepEqual({ ...head.headers, date: '' }, { ...get.headers, date: '' })
  }
})

test('a HEAD tells the digest of the document, from memory and from disk (C12)', async t => {
  const gateway = await newPublisher(t, own, { 'a.txt': 'hello', 'large.bin': large })

  for (const [path, content] of [
    ['/a.txt', 'hello'],
    ['/a.txt', 'hello'],
    ['/large.bin', large]
  ] as const) {
    const { headers } = await ask(gateway.http[0], path, { method: 'HEAD' })

    t.is(headers['repr-digest'], `sha-256=:${hash('sha256', content, 'base64')}:`)
  }
})

test('ranges and conditions hold for small and for large files', async t => {
  const gateway = await newPublisher(t, own, {
    'small.bin': large.subarray(0, 1000),
    'large.bin': large
  })

  for (const [path, size] of [
    ['/small.bin', 1000],
    ['/large.bin', large.length]
  ] as const) {
    const at = async (headers: Record<string, string>): ReturnType<typeof ask> =>
      ask(gateway.http[0], path, { headers })
    const { headers } = await at({})
    const part = await at({ range: `bytes=100-${size - 2}` })

    t.is(part.status, 206)
    t.is(part.headers['content-range'], `bytes 100-${size - 2}/${size}`)
    t.true(part.body.equals(large.subarray(100, size - 1)))
    t.true((await at({ range: 'bytes=-7' })).body.equals(large.subarray(size - 7, size)))
    t.is((await at({ range: `bytes=${size}-` })).status, 416)
    t.is((await at({ range: 'bytes=0-0', 'if-range': headers.etag ?? '' })).status, 206)
    t.is((await at({ range: 'bytes=0-0', 'if-range': '"x"' })).status, 200)
    t.is((await at({ 'if-none-match': headers.etag ?? '' })).status, 304)
    t.is((await at({ 'if-modified-since': headers['last-modified'] ?? '' })).status, 304)
    t.is((await at({ 'if-match': '"x"' })).status, 412)
  }
})

test('nothing outside the folder is served, by whatever link or device', async t => {
  const folder = await temporaryDirectory(t)
  const outside = await temporaryDirectory(t)

  await writeFile(join(outside, 'secret'), 'secret')
  await writeFile(join(folder, 'inside'), 'inside')
  await writeFile(join(folder, '.env'), 'secret')
  await symlink(join(outside, 'secret'), join(folder, 'file'))
  await symlink(outside, join(folder, 'folder'))
  await symlink('inside', join(folder, 'fine'))
  execFileSync('mkfifo', [join(folder, 'fifo')])

  const gateway = await newPublisher(t, own, {})

  await gateway.publish(folder)

  for (const path of ['/file', '/folder/secret', '/folder/', '/fifo', '/.env', '/folder']) {
    t.is((await ask(gateway.http[0], path)).status, 404, path)
  }

  t.is((await ask(gateway.http[0], '/fine')).body.toString(), 'inside')
})

test('a node without a site says so kindly', async t => {
  const gateway = await newGateway(t, own)
  const { statusCode, body } = await gateway.inject({
    url: '/',
    headers: { host: 'localhost', accept: 'text/html' }
  })

  t.is(statusCode, 404)
  t.regex(body, /nothing is published here yet/)
  t.true(body.length > 512)
})

test('another folder takes the place of the first, and none takes it away', async t => {
  const gateway = await newPublisher(t, own, { 'index.html': 'one' })
  const folder = await temporaryDirectory(t)

  await writeFile(join(folder, 'index.html'), 'two')
  t.is((await ask(gateway.http[0], '/')).body.toString(), 'one')
  await gateway.publish(folder)
  t.is((await ask(gateway.http[0], '/')).body.toString(), 'two')
  await gateway.publish(undefined)
  t.is((await ask(gateway.http[0], '/')).status, 404)
  await t.throwsAsync(gateway.publish(join(folder, 'none')), { code: 'ENOENT' })
})

test('a file that becomes shorter while it is sent cuts the connection', async t => {
  const folder = await temporaryDirectory(t)
  const file = join(folder, 'large.bin')

  await writeFile(file, Buffer.alloc(64 * 1024 * 1024))

  const gateway = await newPublisher(t, own, {})

  await gateway.publish(folder)

  const response = await begin(gateway.http[0], '/large.bin')

  await truncate(file, 0)
  await t.throwsAsync(buffer(response), { code: 'ECONNRESET' })
})

async function newStore(t: ExecutionContext): Promise<{
  store: SiteStore
  file: string
  clock: { now: number }
}> {
  const folder = await temporaryDirectory(t)
  const clock = { now: 0 }
  const store = new SiteStore({
    server: 'x',
    hotFileSize: 1000,
    hotBytes: 100_000,
    now: () => clock.now
  })

  await mkdir(join(folder, 'docs'))
  await writeFile(join(folder, 'a'), 'one')
  await store.publish(folder)

  return { store, file: join(folder, 'a'), clock }
}

test('a small file is answered from memory, and looked at again after a second', async t => {
  const { store, file, clock } = await newStore(t)

  t.is(store.hot('/a'), undefined)
  t.is((await store.find('/a')).kind, 'hot')
  t.is(store.hot('/a')?.content.toString(), 'one')

  await writeFile(`${file}.new`, 'two')
  await rename(`${file}.new`, file)
  t.is(store.hot('/a')?.content.toString(), 'one')

  clock.now = 1000
  t.is(store.hot('/a'), undefined)

  const [found] = await Promise.all([store.find('/a'), store.find('/a')])

  t.is(found.kind === 'hot' ? found.content.toString() : undefined, 'two')

  const kept = store.hot('/a')

  clock.now = 2000
  t.is(await store.find('/a'), kept!)
})

test('a file that is over the limit, a folder and what is missing stay out of memory', async t => {
  const { store, file } = await newStore(t)

  await writeFile(file, Buffer.alloc(1001))

  const found = await store.find('/a')

  t.is(found.kind, 'open')

  if (found.kind === 'open') {
    await found.handle.close()
  }

  t.is((await store.find('/docs')).kind, 'folder')
  t.is((await store.find('/docs/')).kind, 'missing')
  t.is((await store.find('/../a')).kind, 'bad')
  t.is(store.hot('/a'), undefined)
})

test('text is told to be UTF-8', t => {
  t.is(mediaType('a.html'), 'text/html; charset=utf-8')
  t.is(mediaType('a.js'), 'text/javascript; charset=utf-8')
  t.is(mediaType('a.svg'), 'image/svg+xml; charset=utf-8')
  t.is(mediaType('a.json'), 'application/json; charset=utf-8')
  t.is(mediaType('a.png'), 'image/png')
  t.is(mediaType('a'), 'application/octet-stream')
})
