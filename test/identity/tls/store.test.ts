import { fork } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { chmod, readFile, rm, stat, truncate, watch, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import test from 'ava'
import type { Authority } from '../../../identity/index.ts'
import {
  InvalidCertificateNameError,
  openIdentity,
  renewTls,
  unlockAuthority
} from '../../../identity/index.ts'
import type { Fixture } from '../helpers/directory.ts'
import { PASSPHRASE, anIdentity } from '../helpers/directory.ts'

const DAY = 86_400_000
const none = { ips: [], hosts: [] }

test('good material is kept', async t => {
  const { directory, identity, authority, made } = await unlocked(t)
  const names = { ips: ['0:0:0:0:0:0:0:1'], hosts: ['LOCALHOST'] }

  t.is(await renewTls(directory, identity, authority, { now: made, ...names }), undefined)
  t.is(await renewTls(directory, identity, authority, { now: made + 59 * DAY, ...none }), undefined)
  t.deepEqual(await openIdentity(directory), identity)
})

test('material past two thirds of its life is renewed with a new key', async t => {
  const { directory, identity, authority, made } = await unlocked(t)
  const now = made + 60 * DAY
  const tls = await renewTls(directory, identity, authority, { now, ips: ['::1'], hosts: [] })

  t.deepEqual(await openIdentity(directory), { ...identity, tls: tls! })
  t.not(tls?.key, identity.tls.key)
  t.deepEqual(tls?.names, ['::1'])
  t.is(tls?.notAfter, Math.floor((now + 90 * DAY) / 1000) * 1000)
  t.is((await stat(join(directory, 'tls.pem'))).mode & 0o777, 0o600)
  t.is(await renewTls(directory, identity, authority, { now, ...none }), undefined)
})

test('material that lacks a name is renewed', async t => {
  const { directory, identity, authority, made } = await unlocked(t)
  const names = { ips: ['203.0.113.7', '2001:db8::7'], hosts: ['node.example', '198.51.100.1'] }
  const tls = await renewTls(directory, identity, authority, { now: made, ...names })

  t.deepEqual(tls?.names, ['203.0.113.7', '2001:db8::7', '198.51.100.1', 'node.example'])
  t.is(await renewTls(directory, identity, authority, { now: made, ...names }), undefined)
  t.is(new X509Certificate(tls?.cert ?? '').checkHost('node.example'), 'node.example')
})

test('material from a future that the clock has not reached is renewed', async t => {
  const { directory, identity, authority, made } = await unlocked(t)
  const now = made - 30 * DAY

  t.is((await renewTls(directory, identity, authority, { now, ...none }))?.notBefore, now - 2 * DAY)
})

for (const [how, harm] of [
  ['missing', async (file: string) => rm(file)],
  ['empty', async (file: string) => truncate(file, 0)],
  ['damaged', async (file: string) => writeFile(file, 'hello')],
  ['open to others', async (file: string) => chmod(file, 0o644)]
] as const) {
  test(`material that is ${how} is made again, as the authority can`, async t => {
    const { directory, identity, authority, made } = await unlocked(t)
    await harm(join(directory, 'tls.pem'))
    const tls = await renewTls(directory, identity, authority, { now: made, ...none })

    t.deepEqual((await openIdentity(directory)).tls, tls)
  })
}

test('a name that no certificate can carry is refused and the material stays', async t => {
  const { directory, identity, authority, made } = await unlocked(t)
  const names = { ips: [], hosts: ['bücher.example'] }

  await t.throwsAsync(renewTls(directory, identity, authority, { now: made, ...names }), {
    instanceOf: InvalidCertificateNameError,
    code: 'PLEXNET_INVALID_CERTIFICATE_NAME'
  })
  t.deepEqual(await openIdentity(directory), identity)
})

test('kill -9 in the middle of renewals leaves key and certificate of one make', async t => {
  const { directory } = await anIdentity(t)
  const before = await readFile(join(directory, 'tls.pem'), 'utf8')
  const script = new URL('../helpers/renew-child.ts', import.meta.url)
  const child = fork(script, [directory, PASSPHRASE])
  const ended = once(child, 'exit')
  await once(child, 'message')
  let changes = 0
  for await (const _ of watch(directory)) {
    changes += 1
    if (changes > 50) break
  }
  child.kill('SIGKILL')
  await ended

  await t.notThrowsAsync(openIdentity(directory))
  t.not(await readFile(join(directory, 'tls.pem'), 'utf8'), before)
})

async function unlocked(
  t: ExecutionContext
): Promise<Fixture & { authority: Authority; made: number }> {
  const { directory, identity } = await anIdentity(t)
  const authority = await unlockAuthority(directory, identity, PASSPHRASE)

  return { directory, identity, authority, made: identity.tls.notBefore + 2 * DAY }
}
