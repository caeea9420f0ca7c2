import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ParameterError } from '../../errors.ts'

/** Larger files are no data of a validation, in bytes. */
const MAX_FILE = 16 * 2 ** 20

/** The files of a folder, by name; none without a folder. @throws ParameterError */
export async function readThirdPartyData(
  folder: string | undefined
): Promise<Record<string, string>> {
  if (folder == null) return {}

  try {
    const files: Record<string, string> = {}

    for (const name of await readdir(folder)) {
      const file = join(folder, name)
      const found = await stat(file)

      if (found.isFile() && found.size <= MAX_FILE) files[name] = await readFile(file, 'utf8')
    }

    return files
  } catch (error) {
    throw new ParameterError(`--data: ${folder} cannot be read (${String(error)})`, {
      cause: error
    })
  }
}
