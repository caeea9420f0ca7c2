import { CID } from 'multiformats/cid'
import { MAX_BLOCK_BYTES } from '../../block.ts'

const PATTERN = /^([a-z2-7]{40,80})\.(\d{1,7})$/

/** How many characters of a CID name the folder: 32 folders, so that none grows large; a new folder costs more than a new file. */
const FOLDER_LETTERS = 1

/** The file of a block below the cache's folder: its size stands in the name, so that a start reads names and no files. */
export function fileOf(
  key: string,
  size: number
): { readonly folder: string; readonly name: string } {
  return { folder: key.slice(-FOLDER_LETTERS), name: `${key}.${size}` }
}

/** The block that a file name stands for, undefined for files of other origin. */
export function parseFileName(
  name: string
): { readonly key: string; readonly size: number } | undefined {
  const [, key, digits] = PATTERN.exec(name) ?? []
  const size = Number(digits)

  return key != null && isCid(key) && size <= MAX_BLOCK_BYTES ? { key, size } : undefined
}

function isCid(key: string): boolean {
  try {
    return CID.parse(key).toString() === key
  } catch {
    return false
  }
}
