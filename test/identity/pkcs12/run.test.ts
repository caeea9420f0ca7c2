import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { EmptyPassphraseError, exportPkcs12, unlockAuthority } from '../../../identity/index.ts'
import { PASSPHRASE, anIdentity, vacantDirectory } from '../helpers/directory.ts'
import { openssl, opensslText } from '../helpers/openssl.ts'

test('openssl reads key, certificate and chain of a browser file, and verifies them', async t => {
  const { directory, identity } = await anIdentity(t)
  const authority = await unlockAuthority(directory, identity, PASSPHRASE)
  const now = Date.now()
  const file = await exportPkcs12(authority, { password: 'geheim', now })
  const read = ['pkcs12', '-passin', 'pass:geheim', '-nodes']

  const { stderr } = await openssl([...read, '-info', '-noout'], file)
  t.regex(stderr, /MAC: sha/)
  t.regex(stderr, /Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC/)
  const client = await opensslText([...read, '-clcerts', '-nokeys'], file)
  const chain = await opensslText([...read, '-cacerts', '-nokeys'], file)
  const key = await opensslText([...read, '-nocerts'], file)
  const publicKey = await opensslText(['x509', '-pubkey', '-noout'], client)
  t.is(await opensslText(['pkey', '-pubout'], key), publicKey)
  t.true(chain.includes(identity.certificatePem.trim()))

  const place = await vacantDirectory(t)
  await mkdir(place)
  await writeFile(join(place, 'ca.pem'), identity.certificatePem)
  const verify = ['verify', '-CAfile', join(place, 'ca.pem')]
  t.is((await openssl([...verify, '-purpose', 'sslclient'], client)).status, 0)
  t.not((await openssl([...verify, '-purpose', 'sslserver'], client)).status, 0)
  const year = ['-attime', String(Math.floor(now / 1000) + 364 * 86_400)]
  t.is((await openssl([...verify, ...year], client)).status, 0)
})

test('another password does not open the file', async t => {
  const { directory, identity } = await anIdentity(t)
  const authority = await unlockAuthority(directory, identity, PASSPHRASE)
  const file = await exportPkcs12(authority, { password: 'geheim', now: Date.now() })

  t.not((await openssl(['pkcs12', '-noout', '-passin', 'pass:other'], file)).status, 0)
  await t.throwsAsync(exportPkcs12(authority, { password: '', now: Date.now() }), {
    instanceOf: EmptyPassphraseError
  })
})
