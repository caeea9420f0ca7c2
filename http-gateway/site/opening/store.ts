import { constants } from 'node:fs'
import { open, realpath, stat, type FileHandle } from 'node:fs/promises'
import { isPublicWithin } from '../path.ts'

export const MISSING = { kind: 'missing' } as const

/** O_NONBLOCK: opening a FIFO would wait for its other end. */
export const READ = constants.O_RDONLY | constants.O_NONBLOCK

/** Opens a file for `judge`, which decides whether it stays open. */
export async function opened<F extends { readonly kind: string }>(
  file: string,
  judge: (handle: FileHandle) => Promise<F>
): Promise<F | typeof MISSING> {
  const handle = await open(file, READ).catch(() => undefined)

  if (handle === undefined) {
    return MISSING
  }

  const found = await judge(handle).catch(() => MISSING)

  if (found.kind !== 'open') {
    await handle.close()
  }

  return found
}

/** Whether what was opened lies in the folder: checked after opening, so that a link that changes meanwhile leads nowhere else. */
export async function leadsInto(
  root: string,
  file: string,
  handle: { dev: bigint; ino: bigint }
): Promise<boolean> {
  const real = await realpath(file).catch(() => undefined)

  if (real === undefined || !isPublicWithin(root, real)) {
    return false
  }

  const facts = await stat(real, { bigint: true }).catch(() => undefined)

  return facts !== undefined && facts.dev === handle.dev && facts.ino === handle.ino
}
