import { once } from 'node:events'
import { mkdir, open, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { request, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import type { Gateway } from '../../http-gateway/index.ts'
import {
  standingOf,
  type Credentials,
  type Standing
} from '../../http-gateway/owner/authorization.ts'
import { diskProblem } from '../../http-gateway/owner/problems.ts'
import { OwnerStore } from '../../http-gateway/owner/store.ts'
import { createIdentity, exportPkcs12, unlockAuthority } from '../../identity/index.ts'
import { ask } from './client.ts'
import { newGateway, newIdentities, temporaryDirectory } from './fixture.ts'

const TOKEN = 'correct-horse'
const { own } = await newIdentities('own')
const headers = { authorization: `Bearer ${TOKEN}` }

async function newOwned(t: ExecutionContext): Promise<{ gateway: Gateway; folder: string }> {
  const gateway = await newGateway(t, own, { ownerToken: TOKEN })
  const folder = await temporaryDirectory(t)

  await gateway.listen()
  await gateway.publish(folder)

  return { gateway, folder }
}

async function* contentOf(text: string): AsyncIterable<Buffer> {
  await Promise.resolve()
  yield Buffer.from(text)
}

const NOBODY: Credentials = {
  authorization: undefined,
  certificate: undefined,
  isPrivate: true,
  isFromPage: false
}

const STANDINGS: [string, Partial<Credentials>, string | undefined, Standing][] = [
  ['nothing shown', {}, TOKEN, 'unknown'],
  ['the token', headers, TOKEN, 'owner'],
  ['the token from a page', { ...headers, isFromPage: true }, TOKEN, 'owner'],
  ['another token', { authorization: 'Bearer x' }, TOKEN, 'wrong-token'],
  ['an empty token', { authorization: 'Bearer ' }, '', 'wrong-token'],
  ['a token where none is set', headers, undefined, 'wrong-token'],
  ['no token where none is set', { authorization: 'Bearer' }, undefined, 'wrong-token'],
  ['the token for all to read', { ...headers, isPrivate: false }, TOKEN, 'forbidden'],
  ['the owner’s certificate', { certificate: 'owner' }, undefined, 'owner'],
  ['it from a page', { certificate: 'owner', isFromPage: true }, undefined, 'forbidden'],
  ['another certificate', { certificate: 'other' }, TOKEN, 'forbidden'],
  ['another certificate and the token', { certificate: 'other', ...headers }, TOKEN, 'owner']
]

for (const [name, shown, token, expected] of STANDINGS) {
  test(`${name}: ${expected}`, t => {
    t.is(standingOf({ ...NOBODY, ...shown }, token), expected)
  })
}

test('a document appears as a whole, keeps its permissions, and leaves nothing beside it', async t => {
  const { gateway, folder } = await newOwned(t)
  const put = async (content: string): ReturnType<typeof ask> =>
    ask(gateway.http[0], '/a.txt', { method: 'PUT', headers, content: Buffer.from(content) })

  t.is((await put('one')).status, 201)

  const file = await open(join(folder, 'a.txt'))

  await file.chmod(0o640)
  await file.close()
  t.is((await ask(gateway.http[0], '/a.txt')).body.toString(), 'one')

  const replaced = await put('two')
  const read = await ask(gateway.http[0], '/a.txt')

  t.is(replaced.status, 204)
  t.is(read.body.toString(), 'two')
  t.is(read.headers.etag, replaced.headers.etag)
  t.is((await stat(join(folder, 'a.txt'))).mode & 0o777, 0o640)
  t.deepEqual(await readdir(folder), ['a.txt'])
})

test('of many replacements of one state exactly one succeeds', async t => {
  const { gateway, folder } = await newOwned(t)

  await writeFile(join(folder, 'a.txt'), 'start')

  const { etag = '' } = (await ask(gateway.http[0], '/a.txt')).headers
  const answers = await Promise.all(
    Array.from({ length: 8 }, async (_, index) =>
      ask(gateway.http[0], '/a.txt', {
        method: 'PUT',
        headers: { ...headers, 'if-match': etag },
        content: Buffer.from(String(index))
      })
    )
  )

  t.deepEqual(
    answers.map(({ status }) => status).toSorted((one, other) => one - other),
    [204, ...Array.from({ length: 7 }, () => 412)]
  )
})

test('the tag of a coding is good for a replacement', async t => {
  const { gateway, folder } = await newOwned(t)

  await writeFile(join(folder, 'a.txt'), 'a'.repeat(1000))

  const { etag = '' } = (
    await ask(gateway.http[0], '/a.txt', { headers: { 'accept-encoding': 'br' } })
  ).headers

  t.regex(etag, /-br"$/)
  t.is(
    (
      await ask(gateway.http[0], '/a.txt', {
        method: 'PUT',
        headers: { ...headers, 'if-match': etag }
      })
    ).status,
    204
  )
})

test('no link leads a change out of the folder', async t => {
  const { gateway, folder } = await newOwned(t)
  const outside = await temporaryDirectory(t)

  await writeFile(join(outside, 'file'), 'old')
  await symlink(outside, join(folder, 'way'))
  await symlink(join(outside, 'file'), join(folder, 'link'))

  for (const path of ['/way/file', '/way/new', '/way/deep/new']) {
    t.is(
      (await ask(gateway.http[0], path, { method: 'PUT', headers, content: Buffer.from('x') }))
        .status,
      403,
      path
    )
  }

  t.is((await ask(gateway.http[0], '/way/file', { method: 'DELETE', headers })).status, 403)
  // The link itself is the owner's to replace.
  t.is(
    (await ask(gateway.http[0], '/link', { method: 'PUT', headers, content: Buffer.from('x') }))
      .status,
    204
  )
  t.is(await readFile(join(outside, 'file'), 'utf8'), 'old')
  t.deepEqual(await readdir(outside), ['file'])
})

test('a full disk leaves the old document whole (507)', async t => {
  const root = await temporaryDirectory(t)
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  const store = new OwnerStore(async (...place) => {
    const handle = await open(...place)

    handle.writeFile = async () => Promise.reject(full)

    return handle
  })

  await writeFile(join(root, 'a.txt'), 'old')

  const error = await t.throwsAsync(
    store.replace({
      root,
      names: ['a.txt'],
      content: contentOf('new'),
      limit: 100,
      allows: () => true
    })
  )

  t.is(error, full)
  t.is(diskProblem(error)?.status, 507)
  t.is(await readFile(join(root, 'a.txt'), 'utf8'), 'old')
  t.deepEqual(await readdir(root), ['a.txt'])
})

test('the owner’s certificate counts on the https port, and no other does', async t => {
  const directory = join(await temporaryDirectory(t), 'identity')
  const passphrase = 'correct horse battery staple'
  const identity = await createIdentity(directory, {
    passphrase,
    privateId: true,
    kdfIterations: 1
  })
  const authority = await unlockAuthority(directory, identity, passphrase)
  const gateway = await newGateway(t, identity)
  const folder = await temporaryDirectory(t)
  const pfx = Buffer.from(await exportPkcs12(authority, { password: 'p', now: Date.now() }))
  const put = async (options: RequestOptions): Promise<number | undefined> => {
    const asked = request(`${gateway.https[0]}/a.txt`, {
      method: 'PUT',
      rejectUnauthorized: false,
      agent: false,
      ...options
    })

    asked.end('hello')

    const [answer] = (await once(asked, 'response')) as [IncomingMessage]

    await buffer(answer)

    return answer.statusCode
  }

  await mkdir(folder, { recursive: true })
  await gateway.listen()
  await gateway.publish(folder)
  t.is(await put({}), 401)
  t.is(await put({ pfx, passphrase: 'p' }), 201)
  t.is(await put({ pfx, passphrase: 'p', headers: { origin: 'https://localhost:9010' } }), 403)
  t.is(await put({ key: own.tls.key, cert: own.tls.cert }), 403)
  // The node's own certificate is for a server.
  t.is(await put({ key: identity.tls.key, cert: identity.tls.cert }), 403)
  await gateway.renew(identity.tls)
  t.is(await put({ pfx, passphrase: 'p' }), 204)
})
