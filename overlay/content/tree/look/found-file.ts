/** What tells that a file is still the one that was hashed; times in ms since the epoch. */
export interface FileStat {
  readonly size: number
  readonly mtime: number
  /** Nobody can set it, so that it tells of a change whose author put the mtime back. */
  readonly ctime: number
  readonly ino: number
}

/** A file that is new, or has changed. */
export interface FoundFile {
  readonly name: string
  readonly isLink: boolean
  readonly stat: FileStat
  /** SHA-256 of each leaf, one after the other. */
  readonly digests: Uint8Array
}

export function isSameStat(a: FileStat, b: FileStat): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime && a.ino === b.ino
}
