import { randomBytes } from 'node:crypto'
import { rename, unlink, writeFile } from 'node:fs/promises'

/** The file appears with all of its content, or stays as it was. */
export async function writeWholeFile(
  path: string,
  content: string | Uint8Array,
  mode = 0o644
): Promise<void> {
  await replaceFile(path, async partial => writeFile(partial, content, { flag: 'wx', mode }))
}

/** The same, for its owner's eyes only. */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  await writeWholeFile(path, content, 0o600)
}

/** Has `write` fill a new file beside `path`, and puts it there when that went well. */
export async function replaceFile(
  path: string,
  write: (partial: string) => Promise<void>
): Promise<void> {
  const partial = `${path}.${randomBytes(6).toString('hex')}.part`

  try {
    await write(partial)
    await rename(partial, path)
  } catch (error) {
    await unlink(partial).catch(() => undefined)
    throw error
  }
}
