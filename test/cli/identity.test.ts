import { execFile } from 'node:child_process'
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { makeHome, plexnet } from './run.ts'

const run = promisify(execFile)
const SECRET = { PLEXNET_PASSPHRASE: 'correct horse' }
const UUID = '6409808a-3548-11db-f2fd-0016cb90e4dc'

test('init makes an identity that id shows with no node running', async t => {
  const home = await makeHome(t)
  const made = await plexnet(home, ['init', '--json'], SECRET)
  const shown = await plexnet(home, ['id', '--json'])
  const card = JSON.parse(shown.stdout)

  t.is(made.code, 0)
  t.deepEqual(JSON.parse(made.stdout), card)
  // A18: version 1. A21: as the specification prints it.
  t.regex(card.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-/)
  t.regex(card.fingerprints.sha256, /^SHA256:( [0-9A-F]{4}){16}$/)
  t.regex(card.fingerprints.sha1, /^SHA1:( [0-9A-F]{4}){10}$/)
  t.regex(card.address, new RegExp(`^${card.uuid}\\.[a-z2-7]{26}$`))

  const text = await plexnet(home, ['id'])
  t.true(text.stdout.includes(card.fingerprints.sha256))
  t.true(text.stdout.includes(card.fingerprints.sha1))
  t.true(text.stdout.includes('-----BEGIN CERTIFICATE-----'))

  const only = await plexnet(home, ['id', '--fingerprint'])
  t.is(only.stdout, `${card.fingerprints.sha256}\n`)
})

test('init takes an id that was made elsewhere, from the option or the configuration', async t => {
  const [byOption, byFile] = [await makeHome(t), await makeHome(t)]
  const config = join(byFile, 'config.toml')
  await writeFile(config, `node.id = '${UUID}'\n`)

  const option = await plexnet(byOption, ['init', '--id', UUID.toUpperCase(), '--json'], SECRET)
  const file = await plexnet(byFile, ['init', '--json'], { ...SECRET, PLEXNET_CONFIG: config })

  // A19
  t.is(JSON.parse(option.stdout).uuid, UUID)
  t.is(JSON.parse(file.stdout).uuid, UUID)
})

test('a second init changes nothing, keeps no passphrase and exits with 1', async t => {
  const home = await makeHome(t)
  await plexnet(home, ['init', '--json'], SECRET)
  const before = await plexnet(home, ['id', '--json'])
  const { code, stderr } = await plexnet(home, ['init'])

  t.is(code, 1)
  t.regex(stderr, /already holds files and nothing was changed/)
  t.is((await plexnet(home, ['id', '--json'])).stdout, before.stdout)
  t.deepEqual(await readdir(home), ['data'])
})

test('with no passphrase given and nobody to ask, one is made up, and where it is is said', async t => {
  const home = await makeHome(t)
  const { code, stdout } = await plexnet(home, ['init'])
  const file = join(home, 'config/passphrase')

  t.is(code, 0)
  t.true(stdout.includes(file))
  t.regex(stdout, /Keep a copy/)
  t.is((await stat(file)).mode & 0o777, 0o600)
  // The next command finds it by itself.
  t.is((await plexnet(home, ['backup', '-o', join(home, 'b')])).code, 0)
})

test('the certificate is written as openssl reads it', async t => {
  const home = await makeHome(t)
  const { stdout } = await plexnet(home, ['init', '--id', UUID, '--json'], SECRET)
  const file = join(home, 'node.crt')
  const written = await plexnet(home, ['id', 'certificate', '-o', file])
  const openssl = await run('openssl', [
    'x509',
    '-in',
    file,
    '-noout',
    '-subject',
    '-fingerprint',
    '-sha256'
  ])

  t.is(written.code, 0)
  t.regex(openssl.stdout, new RegExp(`CN ?= ?${UUID}`))
  t.is(
    openssl.stdout.match(/Fingerprint=([0-9A-F:]+)/)?.[1]?.replaceAll(':', ''),
    JSON.parse(stdout).fingerprints.sha256.replace('SHA256:', '').replaceAll(' ', '')
  )
})

test("the owner's browser certificate opens with its password, and belongs to the node", async t => {
  const home = await makeHome(t)
  await plexnet(home, ['init'], SECRET)
  const file = join(home, 'me.p12')
  const { code, stdout } = await plexnet(home, ['id', 'export', '--p12', file, '--json'], SECRET)
  const { password } = JSON.parse(stdout)
  const { stdout: pem } = await run('openssl', [
    'pkcs12',
    '-in',
    file,
    '-clcerts',
    '-nokeys',
    '-passin',
    `pass:${password}`
  ])
  await writeFile(join(home, 'me.crt'), pem)
  await plexnet(home, ['id', 'certificate', '-o', join(home, 'node.crt')])
  const verified = await run('openssl', [
    'verify',
    '-CAfile',
    join(home, 'node.crt'),
    '-purpose',
    'sslclient',
    join(home, 'me.crt')
  ])

  t.is(code, 0)
  t.is((await stat(file)).mode & 0o777, 0o600)
  t.regex(verified.stdout, /OK/)
})

test('a backup brings the identity to another machine', async t => {
  const [home, other] = [await makeHome(t), await makeHome(t)]
  await plexnet(home, ['init'], SECRET)
  const file = join(home, 'plexnet.backup')
  const saved = await plexnet(home, ['backup', '-o', file], SECRET)
  const restored = await plexnet(other, ['restore', file], SECRET)

  t.is(saved.code, 0)
  t.is(restored.code, 0)
  t.is((await stat(file)).mode & 0o777, 0o600)
  t.is(
    (await plexnet(other, ['id', '--json'])).stdout,
    (await plexnet(home, ['id', '--json'])).stdout
  )

  const again = await plexnet(other, ['restore', file], SECRET)
  t.is(again.code, 1)
  t.regex(again.stderr, /nothing was changed/)
})

test('a wrong passphrase exits with 7 and leaves nothing behind', async t => {
  const [home, other] = [await makeHome(t), await makeHome(t)]
  const wrong = { PLEXNET_PASSPHRASE: 'wrong' }
  await plexnet(home, ['init'], SECRET)
  const file = join(home, 'plexnet.backup')
  const mistyped = await plexnet(home, ['backup', '-o', file], wrong)

  t.is(mistyped.code, 7)
  t.regex(mistyped.stderr, /^plexnet: The passphrase does not open/)
  await t.throwsAsync(stat(file), { code: 'ENOENT' })

  await plexnet(home, ['backup', '-o', file], SECRET)
  t.is((await plexnet(other, ['restore', file], wrong)).code, 7)
  t.is((await plexnet(other, ['id'])).code, 4)
})

test('a backup without a passphrase and with nobody to ask exits with 7 and says how to give one', async t => {
  const home = await makeHome(t)
  await plexnet(home, ['init'], SECRET)
  const { code, stderr } = await plexnet(home, ['backup', '-o', join(home, 'b')])

  t.is(code, 7)
  t.regex(stderr, /--passphrase-file FILE/)
})

test('a damaged backup and a damaged key file exit with 6, named, and are left as they are', async t => {
  const [home, other] = [await makeHome(t), await makeHome(t)]
  await plexnet(home, ['init'], SECRET)
  const backup = join(home, 'plexnet.backup')
  await plexnet(home, ['backup', '-o', backup], SECRET)
  const bytes = await readFile(backup)
  await writeFile(backup, bytes.subarray(0, 100))
  const key = join(home, 'data/identity/authority.key')
  await chmod(key, 0o600)
  await writeFile(key, 'not a key')

  const restored = await plexnet(other, ['restore', backup], SECRET)
  const shown = await plexnet(home, ['id'])

  t.is(restored.code, 6)
  t.is(shown.code, 6)
  t.true(shown.stderr.includes(key))
  t.is(await readFile(key, 'utf8'), 'not a key')
})

test('id without an identity exits with 4 and says how to make one', async t => {
  const { code, stderr } = await plexnet(await makeHome(t), ['id'])

  t.is(code, 4)
  t.regex(stderr, /plexnet init/)
})
