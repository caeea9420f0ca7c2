import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder, type Teardown } from './testnet.ts'

/** A folder with an index page that says `text`. */
export async function siteThatSays(t: Teardown, text: string): Promise<string> {
  const folder = await temporaryFolder(t)

  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><title>${text}</title><h1>${text}</h1>`
  )

  return folder
}

/** Puts a file of zeros into a folder that takes no room on the disk. */
export async function addHugeFile(folder: string, name: string, bytes: number): Promise<void> {
  const file = await open(join(folder, name), 'w')

  await file.truncate(bytes)
  await file.close()
}
