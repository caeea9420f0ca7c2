import { rmSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { CreateOptions, Identity } from '../../../identity/index.ts'
import { createIdentity } from '../../../identity/index.ts'

export const PASSPHRASE = 'correct horse battery staple'

/** A path inside a new directory, gone after the test; nothing is at the path yet. */
export async function vacantDirectory(t: Pick<ExecutionContext, 'teardown'>): Promise<string> {
  const parent = await newParent()
  t.teardown(async () => rm(parent, { recursive: true, force: true }))

  return join(parent, 'identity')
}

export interface Fixture {
  directory: string
  identity: Identity
}

/** A new identity with a cheap passphrase. */
export async function newIdentity(
  t: Pick<ExecutionContext, 'teardown'>,
  options: Partial<CreateOptions> = {}
): Promise<Fixture> {
  return makeIn(await vacantDirectory(t), options)
}

let original: Promise<Fixture> | undefined

/** A copy of the one identity of this test process: making keys takes time. */
export async function anIdentity(t: Pick<ExecutionContext, 'teardown'>): Promise<Fixture> {
  original ??= makeOriginal()
  const { directory: source, identity } = await original
  const directory = await vacantDirectory(t)
  await cp(source, directory, { recursive: true })

  return { directory, identity }
}

async function makeOriginal(): Promise<Fixture> {
  const parent = await newParent()
  process.once('exit', () => {
    rmSync(parent, { recursive: true, force: true })
  })

  return makeIn(join(parent, 'identity'))
}

async function makeIn(directory: string, options: Partial<CreateOptions> = {}): Promise<Fixture> {
  const identity = await createIdentity(directory, {
    passphrase: PASSPHRASE,
    kdfIterations: 1,
    ...options
  })

  return { directory, identity }
}

async function newParent(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'plexnet-identity-'))
}
