import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createIdentity,
  unlockAuthority,
  type Authority,
  type Identity,
  type NodeUuid
} from '../../identity/index.ts'

const PASSPHRASE = 'correct horse battery staple'

/** An identity with its authority unlocked. */
export interface Person {
  readonly identity: Identity
  readonly authority: Authority
}

/** A test, or whatever else things are torn down with. */
export interface Teardown {
  teardown(act: () => unknown): unknown
}

/** A directory that ends with the test. */
export async function temporaryDirectory(t: Teardown): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'plexnet-test-'))

  t.teardown(async () => rm(directory, { recursive: true, force: true }))

  return directory
}

/** A new identity, of `uuid` where one is given; its files are gone when this returns. */
export async function newPerson(uuid?: NodeUuid): Promise<Person> {
  const directory = await mkdtemp(join(tmpdir(), 'plexnet-test-'))

  try {
    const folder = join(directory, 'identity')
    const identity = await createIdentity(folder, {
      passphrase: PASSPHRASE,
      privateId: true,
      kdfIterations: 1,
      uuid
    })

    return { identity, authority: await unlockAuthority(folder, identity, PASSPHRASE) }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
