import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, realpath, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Validators } from '../site/conditional.ts'
import { isWithin } from '../site/path.ts'
import { representationOf } from '../site/representation.ts'
import {
  ContentTooLargeError,
  NameConflictError,
  NoFolderError,
  OutsideError,
  StateDiffersError
} from './errors.ts'
import { errorCode } from '../../identity/index.ts'

export interface Replacement {
  /** The folder of the site, without links. */
  readonly root: string
  readonly names: readonly string[]
  readonly content: AsyncIterable<Buffer>
  /** Bytes. */
  readonly limit: number
  /** Sees all content; `verify` throws where the document must not be taken. */
  readonly check?: ContentCheck | undefined
  /** Whether the document may be changed as it stands. */
  readonly allows: (current: Validators | undefined) => boolean
}

export interface ContentCheck {
  update(chunk: Buffer): void
  verify(): void
}

/** A document for a folder. */
export interface Creation extends Omit<Replacement, 'allows'> {
  /** Its name is the first of these that is free. */
  readonly candidates: readonly string[]
}

export interface Created {
  /** From the root down. */
  readonly names: readonly string[]
  readonly current: Validators
  /** Bytes. */
  readonly size: number
}

export interface Replaced {
  readonly isNew: boolean
  readonly current: Validators
  /** Bytes. */
  readonly size: number
}

// Hidden, and so never served.
const TEMPORARY = '.plexnet-upload-'
const RANDOM_BYTES = 12
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
const MODE = 0o644
const PERMISSIONS = 0o777

/** Changes the files of a site, each wholly or not at all. */
export class OwnerStore {
  readonly #open: typeof open
  #turn: Promise<unknown> = Promise.resolve()

  constructor(openFile: typeof open = open) {
    this.#open = openFile
  }

  /**
   * What is at a path now; undefined for nothing.
   *
   * @throws {NameConflictError} where it is no file
   */
  async look(root: string, names: readonly string[]): Promise<Validators | undefined> {
    return validatorsOf(join(root, ...names))
  }

  /**
   * Puts a document in place of what is there, once it is whole and on the disk.
   *
   * @throws {ContentTooLargeError | StateDiffersError | NameConflictError | OutsideError} and errors of the file system, with the old one untouched
   */
  async replace(replacement: Replacement): Promise<Replaced> {
    const { root, names, allows } = replacement
    const folder = await folderFor(root, names.slice(0, -1))
    const file = join(folder, names.at(-1) ?? '')

    return this.#filled(folder, file, replacement, async (temporary, size) =>
      this.#inTurn(async () => {
        const old = await validatorsOf(file)

        if (!allows(old)) {
          throw new StateDiffersError()
        }

        return { isNew: old === undefined, current: await this.#move(temporary, file), size }
      })
    )
  }

  /**
   * What `create` needs is there.
   *
   * @throws {NoFolderError | OutsideError}
   */
  async lookAtFolder(root: string, names: readonly string[]): Promise<string> {
    const folder = await realpath(join(root, ...names)).catch(() => {
      throw new NoFolderError()
    })

    if (!isWithin(root, folder)) {
      throw new OutsideError()
    }

    if (!(await lstat(folder)).isDirectory()) {
      throw new NoFolderError()
    }

    return folder
  }

  /**
   * Adds a document to a folder, once it is whole and on the disk.
   *
   * @throws {ContentTooLargeError | NoFolderError | NameConflictError | OutsideError} and errors of the file system, with nothing left behind
   */
  async create(creation: Creation): Promise<Created> {
    const { root, names, candidates } = creation
    const folder = await this.lookAtFolder(root, names)

    return this.#filled(folder, undefined, creation, async (temporary, size) =>
      this.#inTurn(async () => {
        const name = await firstFree(folder, candidates)
        const current = await this.#move(temporary, join(folder, name))

        return { names: [...names, name], current, size }
      })
    )
  }

  /** Takes the content into a file that `finish` moves to its place. */
  async #filled<T>(
    folder: string,
    old: string | undefined,
    { content, limit, check }: Pick<Replacement, 'content' | 'limit' | 'check'>,
    finish: (temporary: string, size: number) => Promise<T>
  ): Promise<T> {
    const temporary = join(folder, TEMPORARY + randomBytes(RANDOM_BYTES).toString('hex'))
    let size = 0

    try {
      const handle = await this.#open(temporary, NEW, MODE)

      try {
        size = await fill(handle, content, limit, check)
        check?.verify()
        if (old !== undefined) await keepPermissions(handle, old)
        await handle.sync()
      } finally {
        await handle.close()
      }

      return await finish(temporary, size)
    } catch (error) {
      await rm(temporary, { force: true })

      throw error
    }
  }

  /**
   * False where nothing is there.
   *
   * @throws {StateDiffersError | NameConflictError | OutsideError} and errors of the file system
   */
  async remove({ root, names, allows }: Omit<Replacement, 'content' | 'limit'>): Promise<boolean> {
    return this.#inTurn(async () => {
      const file = join(root, ...names)
      const old = await validatorsOf(file)

      if (old === undefined) {
        return false
      }

      const folder = await realpath(dirname(file))

      if (!isWithin(root, folder)) {
        throw new OutsideError()
      }

      if (!allows(old)) {
        throw new StateDiffersError()
      }

      await rm(join(folder, names.at(-1) ?? ''))
      await this.#syncFolder(folder)

      return true
    })
  }

  /** What is at the new place then. */
  async #move(temporary: string, file: string): Promise<Validators> {
    await rename(temporary, file)
    await this.#syncFolder(dirname(file))

    const current = await validatorsOf(file)

    if (current === undefined) {
      throw new StateDiffersError()
    }

    return current
  }

  /** A condition that was found true stays so until the change is made. */
  async #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change)

    this.#turn = turn.catch(() => undefined)

    return turn
  }

  /** Without this the new name may be lost with the power. */
  async #syncFolder(folder: string): Promise<void> {
    const handle = await this.#open(folder, constants.O_RDONLY)

    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}

/** The real folder, made where it is missing; links that lead out of the root are refused before anything is made. */
async function folderFor(root: string, names: readonly string[]): Promise<string> {
  let folder = root

  for (const name of names) {
    const next = join(folder, name)

    await mkdir(next).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') {
        throw error
      }
    })
    folder = await realpath(next)

    if (!isWithin(root, folder)) {
      throw new OutsideError()
    }
  }

  return folder
}

async function fill(
  handle: FileHandle,
  content: AsyncIterable<Buffer>,
  limit: number,
  check: ContentCheck | undefined
): Promise<number> {
  let size = 0

  for await (const chunk of content) {
    size += chunk.length

    if (size > limit) {
      throw new ContentTooLargeError(limit)
    }

    check?.update(chunk)
    await handle.writeFile(chunk)
  }

  return size
}

async function firstFree(folder: string, candidates: readonly string[]): Promise<string> {
  for (const name of candidates) {
    if ((await lstat(join(folder, name)).catch(() => undefined)) === undefined) {
      return name
    }
  }

  throw new NameConflictError()
}

async function keepPermissions(handle: FileHandle, file: string): Promise<void> {
  const old = await lstat(file).catch(() => undefined)

  if (old?.isFile() === true) {
    await handle.chmod(old.mode & PERMISSIONS)
  }
}

async function validatorsOf(file: string): Promise<Validators | undefined> {
  const facts = await lstat(file, { bigint: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') {
      return undefined
    }

    throw error
  })

  if (facts === undefined) {
    return undefined
  }

  if (!facts.isFile() && !facts.isSymbolicLink()) {
    throw new NameConflictError()
  }

  return representationOf(file, facts, '')
}
