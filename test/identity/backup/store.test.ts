import { mkdir, readdir, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import {
  DamagedBackupError,
  EmptyPassphraseError,
  IdentityExistsError,
  KeyFileError,
  WrongPassphraseError,
  backupIdentity,
  openIdentity,
  restoreIdentity,
  unlockAuthority
} from '../../../identity/index.ts'
import { MAX_BACKUP_BYTES, sealBackup } from '../../../identity/backup/backup.ts'
import type { IdentityFiles } from '../../../identity/files/identity-files.ts'
import { PASSPHRASE, anIdentity, vacantDirectory } from '../helpers/directory.ts'

const passphrase = 'on paper in the drawer'
const chance = { salt: new Uint8Array(16), nonce: new Uint8Array(12) }

test('a backup brings the whole identity back, its authority under its own passphrase', async t => {
  const { directory, identity } = await anIdentity(t)
  const bytes = await backupIdentity(directory, { passphrase })
  const restored = await vacantDirectory(t)

  t.deepEqual(await restoreIdentity(restored, bytes, { passphrase }), identity)
  t.deepEqual(await openIdentity(restored), identity)
  await t.notThrowsAsync(unlockAuthority(restored, identity, PASSPHRASE))
  await t.throwsAsync(unlockAuthority(restored, identity, passphrase), {
    instanceOf: WrongPassphraseError
  })
})

test('a backup shows neither keys nor whose it is', async t => {
  const { directory, identity } = await anIdentity(t)
  const text = Buffer.from(await backupIdentity(directory, { passphrase })).toString('latin1')

  t.false(text.includes('PRIVATE KEY'))
  t.false(text.includes(identity.uuid))
})

test('a wrong passphrase is told from a damaged backup, and nothing is written', async t => {
  const { directory } = await anIdentity(t)
  const bytes = await backupIdentity(directory, { passphrase })
  const restored = await vacantDirectory(t)

  await t.throwsAsync(restoreIdentity(restored, bytes, { passphrase: 'wrong' }), {
    instanceOf: WrongPassphraseError,
    code: 'PLEXNET_WRONG_PASSPHRASE'
  })
  const flips = fc.tuple(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }))
  await fc.assert(
    fc.asyncProperty(flips, fc.boolean(), async ([at, change], cut) => {
      const other = Uint8Array.from(cut ? bytes.subarray(0, at) : bytes)
      if (!cut) other[at] = (other[at] ?? 0) ^ change
      await t.throwsAsync(restoreIdentity(restored, other, { passphrase }), {
        instanceOf: DamagedBackupError,
        code: 'PLEXNET_DAMAGED_BACKUP'
      })
    })
  )
  t.deepEqual(await readdir(dirname(restored)), [])
})

for (const [why, bytes] of [
  ['nothing', new Uint8Array()],
  ['another file', Buffer.from('-----BEGIN CERTIFICATE-----')],
  ['more than a backup can have', new Uint8Array(MAX_BACKUP_BYTES + 1)]
] as const) {
  test(`${why} is no backup`, async t => {
    await t.throwsAsync(restoreIdentity(await vacantDirectory(t), bytes, { passphrase }), {
      instanceOf: DamagedBackupError
    })
  })
}

test('a backup of anything but an identity is refused, and nothing is written', async t => {
  const restored = await vacantDirectory(t)
  const file = Uint8Array.of(1)
  const files = {
    'authority.key': file,
    'authority.crt': file,
    'libp2p.key': file,
    'tls.pem': file
  }
  for (const [content, message] of [
    [files, /a file in it is damaged/],
    [{ ...files, '../../x': file }, /does not hold the files/],
    [{ ...files, 'tls.pem': 'text' }, /does not hold the files/]
  ] as const) {
    const bytes = await sealBackup(content as unknown as IdentityFiles, passphrase, chance)
    const error = await t.throwsAsync(restoreIdentity(restored, bytes, { passphrase }), {
      instanceOf: DamagedBackupError
    })
    t.regex(error?.message ?? '', message)
  }
  t.deepEqual(await readdir(dirname(restored)), [])
})

test('nothing is restored over files', async t => {
  const { directory, identity } = await anIdentity(t)
  const bytes = await backupIdentity(directory, { passphrase })
  const taken = { instanceOf: IdentityExistsError }

  await t.throwsAsync(restoreIdentity(directory, bytes, { passphrase }), taken)
  t.deepEqual(await openIdentity(directory), identity)
  const other = await vacantDirectory(t)
  await mkdir(join(other, 'x'), { recursive: true })
  await t.throwsAsync(restoreIdentity(other, bytes, { passphrase }), taken)
})

test('a damaged identity is not backed up, nor any under no passphrase', async t => {
  const { directory } = await anIdentity(t)

  await t.throwsAsync(backupIdentity(directory, { passphrase: '' }), {
    instanceOf: EmptyPassphraseError
  })
  await truncate(join(directory, 'libp2p.key'), 10)
  await t.throwsAsync(backupIdentity(directory, { passphrase }), { instanceOf: KeyFileError })
})
