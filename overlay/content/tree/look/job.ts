import type { FileStat } from './found-file.ts'
import type { PackedFiles } from './packed-files.ts'

/** One folder to look at, or some of its names; sent to another thread. */
export interface LookJob {
  /** Real path of the root of the site. */
  readonly root: string
  /** Names from the root down. */
  readonly path: readonly string[]
  /** Real path of the folder, after those of the folders with links by which it is reached. */
  readonly chain: readonly string[]
  /** Which names to look at; all that there are where undefined. */
  readonly names: readonly string[] | undefined
  /** What was hashed before. */
  readonly known: ReadonlyMap<string, FileStat>
  /** Text of the ignore file. */
  readonly ignoreFile: string
  readonly followLinks: boolean
}

export interface FoundFolder {
  readonly name: string
  readonly isLink: boolean
  readonly real: string
  readonly ino: number
}

/** Why something in the folder is not published. */
export interface LeftOut {
  /** From the root, with slashes. */
  readonly path: string
  readonly reason: string
}

export type Look =
  | {
      readonly state: 'looked'
      readonly files: PackedFiles
      readonly folders: readonly FoundFolder[]
      /** Files that are as they were. */
      readonly same: readonly string[]
      /** Files that change just now: to be looked at again. */
      readonly changing: readonly string[]
      readonly leftOut: readonly LeftOut[]
    }
  /** More names than one look takes: to be looked at some at a time. */
  | {
      readonly state: 'many'
      readonly names: readonly string[]
      readonly leftOut: readonly LeftOut[]
    }
  | { readonly state: 'gone'; readonly reason: string }

/** Names that are looked at in one go. */
export const MAX_NAMES = 512

/** The largest file that is published, in bytes: the digests of its leaves have 32 MiB. */
export const MAX_FILE_BYTES = 256 * 2 ** 30
