import type { FileHandle } from 'node:fs/promises'
import type { Representation } from './representation.ts'

/** A file that is in memory. */
export interface HotFile {
  readonly kind: 'hot'
  /** Where it lies on the disk. */
  readonly file: string
  readonly representation: Representation
  /** The fields of a whole answer, Content-Length included. */
  readonly fields: string[]
  readonly content: Buffer
}

/** A file on the disk; the receiver closes `handle`. */
export interface OpenFile {
  readonly kind: 'open'
  readonly file: string
  readonly representation: Representation
  readonly handle: FileHandle
}
