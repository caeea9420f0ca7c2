import { closeSync, openSync, writevSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { lengthOf } from '../../pieces.ts'

/**
 * Writes the file of a block.
 *
 * @throws what the file system says
 */
export async function writeBlock(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  await using file = await open(path, 'w')
  const { bytesWritten } = await file.writev([...pieces])

  checkWritten(bytesWritten, pieces)
}

/**
 * The same in this thread, which for a disk that need not be waited for takes a quarter of the time.
 *
 * @throws what the file system says
 */
export function writeBlockAtOnce(path: string, pieces: readonly Uint8Array[]): void {
  const file = openSync(path, 'w')

  try {
    checkWritten(writevSync(file, pieces), pieces)
  } finally {
    closeSync(file)
  }
}

/** A disk that is nearly full takes a part; the name would promise the whole. */
function checkWritten(count: number, pieces: readonly Uint8Array[]): void {
  if (count !== lengthOf(pieces)) {
    throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' })
  }
}
