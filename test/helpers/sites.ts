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

/** Every so many bytes there is something else than before: no block of a tree stands for another. */
const STEP = 256 << 10

/** Puts a file into a folder that takes little room on the disk. */
export async function addHugeFile(folder: string, name: string, bytes: number): Promise<void> {
  const file = await open(join(folder, name), 'w')

  await file.truncate(bytes)
  for (let offset = 0; offset < bytes; offset += STEP) await file.write(`${offset};`, offset)
  await file.close()
}
