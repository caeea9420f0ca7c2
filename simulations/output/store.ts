import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { OutputError, OutputExistsError } from '../errors.ts'

/** Files by name; what is written is all there or not at all. */
export type Files = Readonly<Record<string, string>>

/** Free space below which a run is not begun, in bytes: its results could not be written. */
const LEAST_SPACE = 2 ** 20

/**
 * Whether results may be written to a folder later: it is not there yet, and what it is to stand in can be written.
 *
 * @throws OutputExistsError
 * @throws OutputError
 */
export async function checkOutput(folder: string): Promise<void> {
  const parent = dirname(resolve(folder))

  if (await exists(folder)) throw new OutputExistsError(folder)

  try {
    await mkdir(parent, { recursive: true })

    const { bavail, bsize } = await statfs(parent)

    if (bavail * bsize < LEAST_SPACE) {
      throw new Error(`${bavail * bsize} bytes are free`)
    }
  } catch (error) {
    throw failed(folder, error)
  }
}

/**
 * Writes the files of a run to a folder beside it and moves that into place: a disk that fills leaves nothing behind.
 *
 * @throws OutputExistsError
 * @throws OutputError
 */
export async function writeOutput(folder: string, files: Files): Promise<void> {
  if (await exists(folder)) throw new OutputExistsError(folder)

  const target = resolve(folder)
  let draft: string | undefined

  try {
    await mkdir(dirname(target), { recursive: true })
    draft = await makeDraft(target)

    for (const [name, content] of Object.entries(files))
      await writeSynced(join(draft, name), content)
    await rename(draft, target)
  } catch (error) {
    if (draft != null) await rm(draft, { recursive: true, force: true })
    throw failed(folder, error)
  }
}

/** A folder as any other of this user, and not one as `mkdtemp` makes it, which nobody else may read. */
async function makeDraft(target: string): Promise<string> {
  const draft = join(dirname(target), `.${basename(target)}-${randomUUID()}`)

  await mkdir(draft)

  return draft
}

async function writeSynced(file: string, content: string): Promise<void> {
  const handle = await open(file, 'wx')

  try {
    await handle.writeFile(content)
    // A full disk may show only now.
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false
  )
}

function failed(folder: string, error: unknown): OutputError {
  const reason = error instanceof Error ? error.message : String(error)

  return new OutputError(
    `the results cannot be written to ${folder} (${reason}); nothing was left there, give --out a folder with room`,
    { cause: error }
  )
}
