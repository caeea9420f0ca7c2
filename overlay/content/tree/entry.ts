import { CID } from 'multiformats/cid'
import type { FileStat } from './look/found-file.ts'
import type { Linked } from './node.ts'

/** A file of the site as it was hashed. */
export interface FileEntry {
  readonly kind: 'file'
  /** It is reached by a symbolic link, which shows no change of its own when its target changes. */
  readonly isLink: boolean
  readonly stat: FileStat
  readonly linked: Linked
}

/** A folder of the site as its parent has it. */
export interface FolderEntry {
  readonly kind: 'folder'
  readonly isLink: boolean
  readonly ino: number
  readonly linked: Linked
  readonly totals: Totals
}

export type Entry = FileEntry | FolderEntry

/** What is in a folder and below it. */
export interface Totals {
  readonly files: number
  readonly bytes: number
}

/** A folder of the site by its path. */
export interface FolderRecord {
  readonly linked: Linked
  readonly isSharded: boolean
  /** As in `DirectoryWeight`. */
  readonly counted: number
  readonly all: number
  readonly totals: Totals
  /** Its entries are newer than its node: the node is built anew from them all. */
  readonly isUnfinished: boolean
}

const FILE = 0
const FOLDER = 1
const LINK = 2
const SHARDED = 4
const UNFINISHED = 8

const NUMBER_BYTES = 8

/*
 *   flags u8 | numbers f64 … | CID
 *   file:    size, mtime, ctime, ino, Tsize
 *   folder:  ino, Tsize, files, bytes
 *   record:  Tsize, counted, all, files, bytes
 */

export function encodeEntry(entry: Entry): Uint8Array {
  const { cid, size } = entry.linked
  const link = entry.isLink ? LINK : 0

  if (entry.kind === 'folder') {
    const { files, bytes } = entry.totals

    return pack(FOLDER | link, [entry.ino, size, files, bytes], cid)
  }

  const { stat } = entry

  return pack(FILE | link, [stat.size, stat.mtime, stat.ctime, stat.ino, size], cid)
}

/** @throws {RangeError | Error} where the bytes are no entry */
export function decodeEntry(bytes: Uint8Array): Entry {
  const flags = bytes[0] ?? 0
  const isLink = (flags & LINK) !== 0

  if ((flags & FOLDER) !== 0) {
    const [numbers, cid] = unpack(bytes, 4)
    const [ino = 0, size = 0, files = 0, content = 0] = numbers

    return { kind: 'folder', isLink, ino, linked: { cid, size }, totals: { files, bytes: content } }
  }

  const [numbers, cid] = unpack(bytes, 5)
  const [content = 0, mtime = 0, ctime = 0, ino = 0, size = 0] = numbers

  return {
    kind: 'file',
    isLink,
    stat: { size: content, mtime, ctime, ino },
    linked: { cid, size }
  }
}

export function encodeRecord(record: FolderRecord): Uint8Array {
  const { linked, counted, all, totals } = record
  const flags = (record.isSharded ? SHARDED : 0) | (record.isUnfinished ? UNFINISHED : 0)

  return pack(flags, [linked.size, counted, all, totals.files, totals.bytes], linked.cid)
}

/** @throws {RangeError | Error} where the bytes are no record */
export function decodeRecord(bytes: Uint8Array): FolderRecord {
  const flags = bytes[0] ?? 0
  const [numbers, cid] = unpack(bytes, 5)
  const [size = 0, counted = 0, all = 0, files = 0, content = 0] = numbers

  return {
    linked: { cid, size },
    isSharded: (flags & SHARDED) !== 0,
    counted,
    all,
    totals: { files, bytes: content },
    isUnfinished: (flags & UNFINISHED) !== 0
  }
}

function pack(flags: number, numbers: readonly number[], { bytes: name }: CID): Uint8Array {
  const bytes = Buffer.allocUnsafe(1 + numbers.length * NUMBER_BYTES + name.length)

  bytes[0] = flags
  for (const [at, value] of numbers.entries()) bytes.writeDoubleBE(value, 1 + at * NUMBER_BYTES)
  bytes.set(name, 1 + numbers.length * NUMBER_BYTES)

  return bytes
}

function unpack(bytes: Uint8Array, count: number): [numbers: number[], cid: CID] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const numbers = Array.from({ length: count }, (_, at) => view.getFloat64(1 + at * NUMBER_BYTES))

  return [numbers, CID.decode(bytes.subarray(1 + count * NUMBER_BYTES))]
}
