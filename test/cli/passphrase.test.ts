import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { PassphraseFileError } from '../../cli/errors.ts'
import {
  findPassphrase,
  keepRandomPassphrase,
  keptPassphraseFile,
  type PassphraseSources
} from '../../cli/passphrase.ts'
import { loadConfiguration } from '../../config.ts'
import { makeHome } from './run.ts'

interface Given {
  readonly flag?: string
  readonly direct?: string
  readonly variable?: string
  readonly configured?: string
  readonly kept?: string
  readonly typed?: string
}

/** Each source that is given holds its own value; files are written for those that are files. */
async function sources(t: ExecutionContext, given: Given): Promise<PassphraseSources> {
  const home = await makeHome(t)
  const file = async (name: string, text: string | undefined): Promise<string | undefined> => {
    if (text == null) return undefined
    await writeFile(join(home, name), `${text}\nsecond line\n`)
    return join(home, name)
  }
  const configured = await file('configured', given.configured)
  const { configuration, directories } = loadConfiguration({
    home,
    env: configured == null ? {} : { PLEXNET_NODE_PASSPHRASE_FILE: configured }
  })

  if (given.kept != null) {
    await mkdir(directories.config)
    await writeFile(keptPassphraseFile(directories), given.kept)
  }

  return {
    file: await file('flag', given.flag),
    env: {
      PLEXNET_PASSPHRASE: given.direct,
      PLEXNET_PASSPHRASE_FILE: await file('variable', given.variable)
    },
    configuration,
    directories,
    ask: given.typed == null ? undefined : async () => given.typed
  }
}

const ORDER: [Given, string | undefined][] = [
  [{ flag: 'a', direct: 'b', variable: 'c', configured: 'd', kept: 'e', typed: 'f' }, 'a'],
  [{ direct: 'b', variable: 'c', configured: 'd', kept: 'e', typed: 'f' }, 'b'],
  [{ variable: 'c', configured: 'd', kept: 'e', typed: 'f' }, 'c'],
  [{ configured: 'd', kept: 'e', typed: 'f' }, 'd'],
  [{ kept: 'e', typed: 'f' }, 'e'],
  [{ typed: 'f' }, 'f'],
  [{}, undefined]
]

for (const [given, passphrase] of ORDER) {
  test(`of ${Object.keys(given).join(', ') || 'nothing'} the first is taken`, async t => {
    t.is(await findPassphrase(await sources(t, given)), passphrase)
  })
}

test('a file that is named and missing is an error, not a reason to ask', async t => {
  const given = await sources(t, { typed: 'f' })

  await t.throwsAsync(findPassphrase({ ...given, file: '/nowhere/file' }), {
    instanceOf: PassphraseFileError,
    message: 'the passphrase file /nowhere/file cannot be read: no such file'
  })
})

test('an empty file is an error', async t => {
  await t.throwsAsync(findPassphrase(await sources(t, { flag: '' })), {
    instanceOf: PassphraseFileError,
    message: /is empty/
  })
})

test('a passphrase that is made up can be read by its owner only, differs each time, and is found again', async t => {
  const [first, second] = [await sources(t, {}), await sources(t, {})]
  const passphrase = await keepRandomPassphrase(first.directories)

  t.true(passphrase.length >= 27)
  t.not(passphrase, await keepRandomPassphrase(second.directories))
  t.is((await stat(keptPassphraseFile(first.directories))).mode & 0o777, 0o600)
  t.is(await findPassphrase(first), passphrase)
})

test('a passphrase that is kept is never written over', async t => {
  const { directories } = await sources(t, { kept: 'e' })

  await t.throwsAsync(keepRandomPassphrase(directories), { code: 'EEXIST' })
})
