import type { FoundFile } from './found-file.ts'

const STAT_FIELDS = 4
const DIGEST_BYTES = 32

/** Many files in few objects: sending each by itself to another thread takes as long as hashing it. */
export interface PackedFiles {
  readonly names: readonly string[]
  readonly links: readonly boolean[]
  /** Size, mtime, ctime and inode of each. */
  readonly stats: Float64Array
  /** How many leaves each has. */
  readonly leaves: Uint32Array
  /** Those of all, one after the other. */
  readonly digests: Uint8Array
}

export function packFiles(files: readonly FoundFile[]): PackedFiles {
  const total = files.reduce((sum, { digests }) => sum + digests.length, 0)
  const digests = new Uint8Array(total)
  let at = 0

  for (const file of files) {
    digests.set(file.digests, at)
    at += file.digests.length
  }

  return {
    names: files.map(({ name }) => name),
    links: files.map(({ isLink }) => isLink),
    stats: Float64Array.from(
      files.flatMap(({ stat: { size, mtime, ctime, ino } }) => [size, mtime, ctime, ino])
    ),
    leaves: Uint32Array.from(files, file => file.digests.length / DIGEST_BYTES),
    digests
  }
}

export function* unpackFiles(packed: PackedFiles): Generator<FoundFile> {
  const { names, links, stats, leaves, digests } = packed
  let start = 0

  for (const [at, name] of names.entries()) {
    const [size = 0, mtime = 0, ctime = 0, ino = 0] = stats.subarray(at * STAT_FIELDS)
    const end = start + (leaves[at] ?? 0) * DIGEST_BYTES

    yield {
      name,
      isLink: links[at] === true,
      stat: { size, mtime, ctime, ino },
      digests: digests.subarray(start, end)
    }
    start = end
  }
}
