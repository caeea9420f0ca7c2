import { createHook } from 'node:async_hooks'
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  copyFile,
  mkdir,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  truncate,
  watch,
  writeFile
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ExecutionContext } from 'ava'
import test from 'ava'
import { version } from 'uuid'
import {
  EmptyPassphraseError,
  IdentityExistsError,
  IdentityMissingError,
  KeyFileError,
  WrongPassphraseError,
  createIdentity,
  openIdentity,
  parseUuid,
  unlockAuthority
} from '../../identity/index.ts'
import { PASSPHRASE, anIdentity, newIdentity, vacantDirectory } from './helpers/directory.ts'
import { opensslText } from './helpers/openssl.ts'

// A18, A20, A23
test('a new identity opens without its passphrase and signs with it', async t => {
  const { directory, identity } = await newIdentity(t)
  const opened = await openIdentity(directory)
  const authority = await unlockAuthority(directory, opened, PASSPHRASE)

  t.deepEqual(opened, identity)
  t.is(version(opened.uuid), 1)
  t.is(authority.uuid, opened.uuid)
  t.deepEqual(authority.certificate, opened.certificate)
  t.deepEqual(opened.tls.names, ['127.0.0.1', '::1', 'localhost'])
})

test('the authority key costs an attacker what OWASP recommends, and openssl reads it', async t => {
  const { directory } = await newIdentity(t, { kdfIterations: undefined })
  const file = join(directory, 'authority.key')
  const structure = await opensslText(['asn1parse', '-in', file])

  t.regex(structure, /PBES2[^]*PBKDF2[^]*INTEGER +:0927C0[^]*hmacWithSHA256[^]*aes-256-cbc/)
  const key = ['pkey', '-in', file, '-passin', `pass:${PASSPHRASE}`, '-noout', '-text']
  t.regex(await opensslText(key), /Private-Key: \(3072 bit/)
})

// A19
test('a UUID made elsewhere is taken', async t => {
  const uuid = parseUuid('6409808a-3548-11db-f2fd-0016cb90e4dc')
  const { identity } = await newIdentity(t, { uuid, ips: ['203.0.113.7'], hosts: ['Node.Example'] })

  t.is(identity.uuid, uuid)
  t.deepEqual(identity.tls.names, ['127.0.0.1', '::1', '203.0.113.7', 'localhost', 'node.example'])
})

test('a private identity shows no hardware address', async t => {
  const { identity } = await newIdentity(t, { privateId: true })

  t.is(version(identity.uuid), 1)
  t.is(Number.parseInt(identity.uuid.slice(24, 26), 16) & 1, 1)
})

test('every file is for its owner only', async t => {
  const { directory } = await newIdentity(t)

  t.is((await stat(directory)).mode & 0o777, 0o700)
  t.deepEqual((await readdir(directory)).toSorted(), [
    'authority.crt',
    'authority.key',
    'libp2p.key',
    'tls.pem'
  ])
  for (const name of await readdir(directory)) {
    t.is((await stat(join(directory, name))).mode & 0o777, 0o600)
  }
})

// A21
test('the certificate on disk is DER, the libp2p key is read by openssl', async t => {
  const { directory, identity } = await anIdentity(t)
  const text = await opensslText(['pkey', '-in', join(directory, 'libp2p.key'), '-noout', '-text'])
  const printed = [...identity.libp2pKey.publicKey].map(byte => byte.toString(16).padStart(2, '0'))

  t.deepEqual(
    new Uint8Array(await readFile(join(directory, 'authority.crt'))),
    identity.certificate
  )
  t.regex(text, /ED25519 Private-Key/)
  t.true(text.replaceAll(/\s/g, '').endsWith(printed.join(':')))
})

test('an empty passphrase is refused and nothing is written', async t => {
  const directory = await vacantDirectory(t)

  await t.throwsAsync(createIdentity(directory, { passphrase: '' }), {
    instanceOf: EmptyPassphraseError,
    code: 'PLEXNET_EMPTY_PASSPHRASE'
  })
  t.deepEqual(await readdir(dirname(directory)), [])
})

test('an identity is never made where files are', async t => {
  const { directory, identity } = await anIdentity(t)
  await t.throwsAsync(createIdentity(directory, { passphrase: PASSPHRASE }), {
    instanceOf: IdentityExistsError,
    code: 'PLEXNET_IDENTITY_EXISTS'
  })

  t.deepEqual(await openIdentity(directory), identity)
})

test('of two that are made at one place at once, one stands whole', async t => {
  const directory = await vacantDirectory(t)
  const outcomes = await Promise.allSettled(
    [1, 2].map(async () => createIdentity(directory, { passphrase: PASSPHRASE, kdfIterations: 1 }))
  )
  const [refused] = outcomes.filter(outcome => outcome.status === 'rejected')
  const [made] = outcomes.filter(outcome => outcome.status === 'fulfilled')

  t.true(refused?.reason instanceof IdentityExistsError)
  t.deepEqual(await openIdentity(directory), made?.value)
  t.deepEqual(await readdir(dirname(directory)), ['identity'])
})

test('an empty directory that is there already is used', async t => {
  const directory = await vacantDirectory(t)
  await mkdir(directory)
  await t.notThrowsAsync(createIdentity(directory, { passphrase: PASSPHRASE, kdfIterations: 1 }))
})

test('no identity is told from a damaged one', async t => {
  const directory = await vacantDirectory(t)
  const expected = { instanceOf: IdentityMissingError, code: 'PLEXNET_IDENTITY_MISSING' }

  await t.throwsAsync(openIdentity(directory), expected)
  await mkdir(directory)
  await t.throwsAsync(openIdentity(directory), expected)
})

test('a wrong passphrase is told from a damaged key', async t => {
  const { directory, identity } = await anIdentity(t)

  await t.throwsAsync(unlockAuthority(directory, identity, 'wrong'), {
    instanceOf: WrongPassphraseError,
    code: 'PLEXNET_WRONG_PASSPHRASE'
  })
  await damage(join(directory, 'authority.key'))
  const error = await t.throwsAsync(unlockAuthority(directory, identity, PASSPHRASE), {
    instanceOf: KeyFileError,
    code: 'PLEXNET_KEY_FILE'
  })
  t.regex(error?.message ?? '', /authority\.key is damaged: .*left as it is.*backup/)
})

test('the key of another authority is named', async t => {
  const { directory, identity } = await anIdentity(t)
  const other = await newIdentity(t)
  await copyFile(join(other.directory, 'authority.key'), join(directory, 'authority.key'))

  const error = await t.throwsAsync(unlockAuthority(directory, identity, PASSPHRASE), {
    instanceOf: KeyFileError
  })
  t.regex(error?.message ?? '', /authority\.key .*not the key of the certificate/)
})

test('unlocking leaves the main thread free while the key is derived', async t => {
  const { directory, identity } = await newIdentity(t, { kdfIterations: 600_000 })
  const begun = new Map<number, number>()
  let turns = 0
  let turnsMeanwhile = 0
  let running = true
  const hook = createHook({
    init: (id, type) => {
      if (type === 'PBKDF2REQUEST') begun.set(id, turns)
    },
    // Called for what ends in a later turn of the event loop, and so never for pbkdf2Sync.
    before: id => {
      turnsMeanwhile += turns - (begun.get(id) ?? turns)
    }
  }).enable()
  const count = (): void => {
    turns += 1
    if (running) setImmediate(count)
  }

  t.teardown(() => hook.disable())
  count()
  await unlockAuthority(directory, identity, PASSPHRASE)
  running = false

  t.true(turnsMeanwhile > 0)
})

const FILES = ['authority.key', 'authority.crt', 'libp2p.key', 'tls.pem']

const DAMAGES: [string, (file: string) => Promise<unknown>, RegExp][] = [
  ['missing', async file => rm(file), /is missing/],
  ['empty', async file => truncate(file, 0), /is empty/],
  ['cut short', async file => truncate(file, 100), /is damaged/],
  ['changed in one letter', damage, /is damaged/],
  ['other text', async file => writeFile(file, 'hello'), /is damaged/],
  ['much too large', async file => truncate(file, 1_000_000), /has 1000000 bytes/],
  ['a directory', async file => replaceBy(file, mkdir), /is not an ordinary file/],
  ['a pipe', async file => replaceBy(file, makePipe), /is not an ordinary file/],
  [
    'a device',
    async file => replaceBy(file, async path => symlink('/dev/zero', path)),
    /is not an ordinary file/
  ]
]

for (const name of FILES) {
  for (const [how, harm, message] of DAMAGES) {
    test(`${name} that is ${how} is named and left as it is`, async t => {
      const { directory } = await anIdentity(t)
      const file = join(directory, name)
      await harm(file)

      await refuses(t, directory, file, message)
    })
  }
}

for (const name of ['authority.crt', 'tls.pem']) {
  test(`${name} of another identity is named`, async t => {
    const { directory } = await anIdentity(t)
    const other = await newIdentity(t)
    await copyFile(join(other.directory, name), join(directory, name))

    await refuses(t, directory, join(directory, 'tls.pem'), /not issued by the authority/)
  })
}

test('a TLS key that is not of its certificate is named', async t => {
  const { directory } = await anIdentity(t)
  const other = await newIdentity(t)
  const [mine, theirs] = await Promise.all(
    [directory, other.directory].map(async at => readFile(join(at, 'tls.pem'), 'utf8'))
  )
  const split = '-----BEGIN CERTIFICATE-----'
  const file = join(directory, 'tls.pem')
  await writeFile(file, theirs?.split(split)[0] + mine!.slice(mine!.indexOf(split)))

  await refuses(t, directory, file, /private key does not belong to its certificate/)
})

for (const name of ['authority.key', 'libp2p.key', 'tls.pem']) {
  test(`${name} that others can read is refused with what to type`, async t => {
    const { directory } = await anIdentity(t)
    const file = join(directory, name)
    await chmod(file, 0o640)

    await refuses(t, directory, file, /mode 640.*type: chmod 600 '/)
  })
}

test('kill -9 while identities are made leaves whole ones or none, and nothing in the way', async t => {
  const directory = await vacantDirectory(t)
  const parent = dirname(directory)
  for (const events of [1, 2, 3]) {
    await killAfter(parent, directory, events)
  }
  const left = await readdir(parent)
  t.true(left.length > 0)

  // What was cut off stands under a name that nothing reads.
  for (const name of left.filter(entry => !entry.includes('.new-'))) {
    await t.notThrowsAsync(openIdentity(join(parent, name)))
  }
  await t.notThrowsAsync(createIdentity(directory, { passphrase: PASSPHRASE, kdfIterations: 1 }))
})

/** Kills a process that makes one identity after another when so many have begun or ended to be written. */
async function killAfter(parent: string, directory: string, events: number): Promise<void> {
  const changes = watch(parent)
  const script = new URL('./helpers/create-child.ts', import.meta.url)
  const child = fork(script, [directory, PASSPHRASE])
  const ended = once(child, 'exit')
  let seen = 0
  for await (const { filename } of changes) {
    if (filename?.includes('.new-') === true) seen += 1
    if (seen === events) break
  }
  child.kill('SIGKILL')
  await ended
}

async function refuses(
  t: ExecutionContext,
  directory: string,
  file: string,
  message: RegExp
): Promise<void> {
  const before = await contentOf(file)
  const error = await t.throwsAsync(openIdentity(directory), {
    instanceOf: KeyFileError,
    code: 'PLEXNET_KEY_FILE'
  })
  t.regex(error?.message ?? '', message)
  t.is((error as KeyFileError | undefined)?.file, file)
  await t.throwsAsync(createIdentity(directory, { passphrase: PASSPHRASE }), {
    instanceOf: IdentityExistsError
  })
  t.deepEqual(await contentOf(file), before)
}

async function contentOf(file: string): Promise<Buffer | undefined> {
  const stats = await stat(file).catch(() => undefined)

  return stats?.isFile() === true ? readFile(file) : undefined
}

async function damage(file: string): Promise<void> {
  const content = await readFile(file)
  // Deep inside the content of every kind of file.
  const at = Math.floor(content.byteLength * 0.6)
  content[at] = content[at] === 0x41 ? 0x42 : 0x41
  await writeFile(file, content)
}

async function replaceBy(file: string, make: (path: string) => Promise<unknown>): Promise<void> {
  await rm(file)
  await make(file)
}

async function makePipe(file: string): Promise<void> {
  execFileSync('mkfifo', ['-m', '600', file])
}
