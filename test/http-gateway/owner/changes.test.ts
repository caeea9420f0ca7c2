import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import { namesFor } from '../../../http-gateway/owner/new-name.ts'
import type { Gateway, GatewayOptions } from '../../../http-gateway/index.ts'
import { ask, type Answer } from '../client.ts'
import { newGateway, newIdentities, temporaryDirectory } from '../fixture.ts'

const TOKEN = 'correct-horse-battery'
const { own } = await newIdentities('own')
const authorization = `Bearer ${TOKEN}`

interface Owned {
  readonly gateway: Gateway
  readonly folder: string
  readonly send: (
    method: string,
    path: string,
    content: string,
    headers?: Record<string, string>
  ) => Promise<Answer>
}

async function newOwned(
  t: ExecutionContext,
  options: Partial<GatewayOptions> = {}
): Promise<Owned> {
  const gateway = await newGateway(t, own, { ownerToken: TOKEN, ...options })
  const folder = await temporaryDirectory(t)

  await mkdir(join(folder, 'docs'))
  await gateway.listen()
  await gateway.publish(folder)

  return {
    gateway,
    folder,
    send: async (method, path, content, headers = {}) =>
      ask(gateway.http[0], path, {
        method,
        headers: { authorization, ...headers },
        content: Buffer.from(content)
      })
  }
}

const UUID = '0b2c1a3e-1111-4222-8333-444455556666'
const NAMES: [string | undefined, string | undefined, string[]][] = [
  [undefined, 'text/plain', [`${UUID}.txt`]],
  [undefined, undefined, [UUID]],
  ['', 'text/html; charset=utf-8', [`${UUID}.html`]],
  ['Note', 'text/markdown', ['Note.md', 'Note-2.md']],
  ['Note.md', 'text/markdown', ['Note.md', 'Note-2.md']],
  ['page.htm', 'text/html', ['page.htm', 'page-2.htm']],
  ['notes v2.1', 'text/plain', ['notes-v2.1.txt', 'notes-v2.1-2.txt']],
  ['The%20Beach%20at%20S%C3%A8te', 'image/png', ['The-Beach-at-Sète.png']],
  ['../../etc/passwd', undefined, ['etc-passwd', 'etc-passwd-2']],
  ['.htaccess', undefined, ['htaccess']],
  ['%00%0a', 'text/plain', [`${UUID}.txt`]],
  ['...', 'text/plain', [`${UUID}.txt`]],
  ['100%', 'text/plain', ['100.txt']],
  ['archive', 'application/octet-stream', ['archive']],
  ['x'.repeat(300), 'text/plain', [`${'x'.repeat(100)}.txt`]],
  ['é'.repeat(120), 'text/plain', [`${'é'.repeat(50)}.txt`]]
]

for (const [slug, type, expected] of NAMES) {
  test(`a document called ${slug?.slice(0, 30)} of type ${type} is named ${expected[0]?.slice(0, 30)}`, t => {
    t.deepEqual(namesFor({ slug, type, unique: UUID }).slice(0, expected.length), expected)
  })
}

// RFC 9110 section 9.3.3; RFC 5023 section 9.2
test('POST to a folder adds a document and tells where', async t => {
  const { gateway, folder, send } = await newOwned(t)
  const uploads: unknown[] = []

  gateway.events.listen('upload', ({ method, path, isNew }) => uploads.push([method, path, isNew]))

  const first = await send('POST', '/docs/', 'one', { slug: 'Note', 'content-type': 'text/plain' })
  const second = await send('POST', '/docs/', 'two', { slug: 'Note', 'content-type': 'text/plain' })

  t.is(first.status, 201)
  t.is(first.headers.location, './Note.txt')
  t.is(first.headers['content-length'], '0')
  t.is(second.headers.location, './Note-2.txt')
  t.is(await readFile(join(folder, 'docs', 'Note.txt'), 'utf8'), 'one')

  const read = await ask(gateway.http[0], '/docs/Note.txt')

  t.is(read.body.toString(), 'one')
  t.is(read.headers.etag, first.headers.etag)
  t.is(read.headers['last-modified'], first.headers['last-modified'])
  t.deepEqual(uploads, [
    ['POST', '/docs/Note.txt', true],
    ['POST', '/docs/Note-2.txt', true]
  ])

  const named = await send('POST', '/', '{}', { 'content-type': 'application/json' })

  t.regex(named.headers.location ?? '', /^\.\/[0-9a-f-]{36}\.json$/)
  t.deepEqual((await readdir(join(folder, 'docs'))).toSorted(), ['Note-2.txt', 'Note.txt'])
})

test('of many documents of one name each gets a name of its own', async t => {
  const { folder, send } = await newOwned(t)
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) =>
      send('POST', '/docs/', String(index), { slug: 'a', 'content-type': 'text/plain' })
    )
  )

  t.true(answers.every(({ status }) => status === 201))
  t.is(new Set(answers.map(({ headers }) => headers.location)).size, 20)
  t.is((await readdir(join(folder, 'docs'))).length, 20)
})

const REFUSED: [string, Record<string, string>, number, string?][] = [
  ['/docs', {}, 405],
  ['/a.txt', {}, 405],
  ['/none/', {}, 404],
  ['/a%2fb/', {}, 400],
  ['/.git/', {}, 403],
  ['/docs/', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
  ['/docs/', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ['/docs/', { 'content-encoding': 'gzip' }, 415],
  ['/docs/', { 'content-range': 'bytes 0-1/2' }, 400],
  ['/docs/', { 'if-match': '*' }, 412],
  ['/outside/', {}, 403],
  ['/docs/', { authorization: 'Bearer wrong-token-wrong' }, 401]
]

for (const [path, headers, status] of REFUSED) {
  test(`POST ${path} with ${JSON.stringify(headers)} is ${status}, and adds nothing`, async t => {
    const { folder, send } = await newOwned(t)

    await symlink(await temporaryDirectory(t), join(folder, 'outside'))

    const answer = await send('POST', path, 'x', headers)

    t.is(answer.status, status)
    t.deepEqual((await readdir(folder)).toSorted(), ['docs', 'outside'])
    t.deepEqual(await readdir(join(folder, 'docs')), [])

    if (status === 405) {
      t.is(answer.headers.allow, 'GET, HEAD, OPTIONS, PUT, DELETE')
    }
  })
}

test('a stranger cannot add a document', async t => {
  const { gateway, folder } = await newOwned(t)
  const answer = await ask(gateway.http[0], '/docs/', { method: 'POST', content: Buffer.from('x') })

  t.is(answer.status, 405)
  t.is(answer.headers.allow, 'GET, HEAD, OPTIONS, PUT, DELETE')
  t.deepEqual(await readdir(join(folder, 'docs')), [])
})

test('a POST to a handler goes to the handler, without a token', async t => {
  const { gateway } = await newOwned(t)

  gateway.handlers.handle('/docs/', ({ body }) => `got ${String(body)}`, { method: 'POST' })

  const { status, body } = await ask(gateway.http[0], '/docs/', {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    content: Buffer.from('x')
  })

  t.is(status, 200)
  t.is(body.toString(), 'got x')
})

const digest = (algorithm: 'sha256' | 'sha512', text: string): string =>
  `:${createHash(algorithm).update(text).digest('base64')}:`

// RFC 9530
const DIGESTS: [string, Record<string, string>, number, string?][] = [
  ['the right one', { 'content-digest': `sha-256=${digest('sha256', 'new')}` }, 204],
  ['the right one of the document', { 'repr-digest': `sha-512=${digest('sha512', 'new')}` }, 204],
  [
    'two right ones',
    { 'repr-digest': `sha-512=${digest('sha512', 'new')}, sha-256=${digest('sha256', 'new')}` },
    204
  ],
  ['one that nobody knows', { 'content-digest': 'md5=:AAAA:, crc=5' }, 204],
  [
    'a wrong one',
    { 'content-digest': `sha-256=${digest('sha256', 'other')}` },
    400,
    'PLEXNET_DIGEST_MISMATCH'
  ],
  [
    'a right and a wrong one',
    {
      'content-digest': `sha-256=${digest('sha256', 'new')}, sha-512=${digest('sha512', 'x')}`
    },
    400,
    'PLEXNET_DIGEST_MISMATCH'
  ],
  ['one in hex', { 'content-digest': 'sha-256=abc' }, 400, 'PLEXNET_DIGEST_UNREADABLE'],
  ['one that is cut', { 'repr-digest': 'sha-256=:AAAA:' }, 400, 'PLEXNET_DIGEST_UNREADABLE'],
  ['no field at all', { 'repr-digest': '???' }, 400, 'PLEXNET_DIGEST_UNREADABLE']
]

for (const [what, headers, status, code] of DIGESTS) {
  test(`PUT with ${what} is ${status}`, async t => {
    const { folder, send } = await newOwned(t)

    await writeFile(join(folder, 'a.txt'), 'old')

    const answer = await send('PUT', '/a.txt', 'new', headers)

    t.is(answer.status, status)
    t.is(await readFile(join(folder, 'a.txt'), 'utf8'), status === 204 ? 'new' : 'old')
    t.deepEqual((await readdir(folder)).toSorted(), ['a.txt', 'docs'])

    if (code !== undefined) {
      t.is(JSON.parse(answer.body.toString()).code, code)
    }
  })
}

test('a digest may come after the content', async t => {
  const { gateway, folder } = await newOwned(t)
  const put = async (text: string): Promise<string> => {
    const socket = connect(gateway.httpPort, '127.0.0.1')

    socket.write(
      `PUT /a.txt HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Digest\r\nConnection: close\r\n\r\n3\r\nnew\r\n0\r\nContent-Digest: sha-256=${digest('sha256', text)}\r\n\r\n`
    )

    return (await buffer(socket)).toString('latin1')
  }

  t.regex(await put('other'), /^HTTP\/1\.1 400 [^]*PLEXNET_DIGEST_MISMATCH/)
  t.deepEqual(await readdir(folder), ['docs'])
  t.regex(await put('new'), /^HTTP\/1\.1 201 /)
})

test('POST checks digests too', async t => {
  const { folder, send } = await newOwned(t)
  const answer = await send('POST', '/docs/', 'x', {
    'content-digest': `sha-256=${digest('sha256', 'y')}`
  })

  t.is(answer.status, 400)
  t.deepEqual(await readdir(join(folder, 'docs')), [])
})

/** Waits until nothing of an upload is left in a folder. */
async function untilTaken(t: ExecutionContext, folder: string): Promise<void> {
  const watcher = watch(folder)

  t.teardown(() => watcher.close())

  for (;;) {
    const changed = once(watcher, 'change')

    if (!(await readdir(folder)).some(name => name.startsWith('.plexnet-upload-'))) return

    await changed
  }
}

for (const method of ['PUT /a.txt', 'POST /docs/']) {
  test(`a ${method} whose content trickles ends with the time for a request, and nothing has changed`, async t => {
    const { gateway, folder } = await newOwned(t, {
      limits: { headersTimeout: 200, requestTimeout: 400 }
    })

    await writeFile(join(folder, 'a.txt'), 'old')

    const socket = connect(gateway.httpPort, '127.0.0.1')

    socket.write(
      `${method} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nContent-Length: 1000000\r\n\r\n`
    )

    // Never still for long, and never at the end.
    const trickle = setInterval(() => socket.write('x'), 20)

    t.teardown(() => clearInterval(trickle))
    socket.on('error', () => undefined)

    const answer = once(socket, 'data')
    const closed = once(socket, 'close')
    const [bytes] = (await answer) as [Buffer]

    t.regex(bytes.toString('latin1'), /^HTTP\/1\.1 408 /)
    await closed
    await untilTaken(t, folder)
    await untilTaken(t, join(folder, 'docs'))
    t.is(await readFile(join(folder, 'a.txt'), 'utf8'), 'old')
    t.deepEqual((await readdir(folder)).toSorted(), ['a.txt', 'docs'])
    t.deepEqual(await readdir(join(folder, 'docs')), [])
    t.is((await ask(gateway.http[0], '/a.txt')).body.toString(), 'old')
  })
}

test('a client that asks first sends no content that is not wanted', async t => {
  const { gateway } = await newOwned(t)
  const socket = connect(gateway.httpPort, '127.0.0.1')

  socket.write(
    `POST /docs/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nExpect: 100-continue\r\nContent-Digest: sha-256=:AA==:\r\n\r\n`
  )

  const [bytes] = (await once(socket, 'data')) as [Buffer]

  t.regex(bytes.toString('latin1'), /^HTTP\/1\.1 400 /)
  socket.destroy()
})
