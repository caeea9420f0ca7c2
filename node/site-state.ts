import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'

/** The folder to publish is not one. */
export class SiteFolderError extends Error {
  override readonly name = 'SiteFolderError'
  readonly code = 'PLEXNET_SITE_FOLDER'

  constructor(folder: string, reason: string, options?: ErrorOptions) {
    super(`${folder} cannot be published: ${reason}.`, options)
  }
}

/**
 * The real path of a folder that can be served.
 *
 * @throws {SiteFolderError}
 */
export async function checkSiteFolder(folder: string): Promise<string> {
  try {
    const path = await realpath(folder)

    if (!(await stat(path)).isDirectory()) throw new SiteFolderError(folder, 'it is not a folder')

    return path
  } catch (error) {
    if (error instanceof SiteFolderError) throw error
    throw new SiteFolderError(folder, reasonOf(error), { cause: error })
  }
}

/** Remembers which folder this node publishes, or that it publishes none. */
export async function rememberSite(data: string, root: string | undefined): Promise<void> {
  await writeFileAtomic(fileIn(data), JSON.stringify({ root }), { mode: 0o600 })
}

export async function rememberedSite(data: string): Promise<string | undefined> {
  const text = await readFile(fileIn(data), 'utf8').catch(() => undefined)

  if (text == null) return undefined

  const state: unknown = JSON.parse(text)

  return typeof state === 'object' &&
    state != null &&
    'root' in state &&
    typeof state.root === 'string'
    ? state.root
    : undefined
}

function fileIn(data: string): string {
  return join(data, 'site.json')
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return String(error)
  if (error.code === 'ENOENT') return 'there is no such folder'
  if (error.code === 'EACCES') return 'it may not be read'

  return error.message
}
