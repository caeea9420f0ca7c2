import { write } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Sink } from '../destination.ts'
import { AccessLogError } from '../errors.ts'
import { errorCode } from '../../../identity/index.ts'

// Who read what is nobody's business but the owner's, and that of the group that looks after logs.
const MODE = 0o640
const STDOUT = 1

const writeTo = promisify(write)

/**
 * Adds to a file.
 *
 * @throws {AccessLogError}
 */
export async function openFileSink(path: string): Promise<Sink> {
  let handle = await openFile(path)

  return {
    write: async bytes => (await handle.write(bytes)).bytesWritten,
    reopen: async () => {
      // Where the new file cannot be opened, the old one goes on.
      const old = handle

      handle = await openFile(path)
      await old.close()
    },
    close: async () => handle.close()
  }
}

/** Standard output, written to from a thread of its own: one that nobody reads would otherwise stop the node. */
export function stdoutSink(): Sink {
  return {
    write: async bytes => (await writeTo(STDOUT, bytes)).bytesWritten,
    reopen: async () => Promise.resolve(),
    close: async () => Promise.resolve()
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a', MODE)
  } catch (error) {
    const code = errorCode(error) ?? String(error)

    throw new AccessLogError(path, code, { cause: error })
  }
}
