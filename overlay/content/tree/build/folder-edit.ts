import { isSharded, type Changes, type DirectoryEdit } from '../directory.ts'
import type { Entry, FolderRecord, Totals } from '../entry.ts'
import { EMPTY_DIRECTORY, type Linked } from '../node.ts'

/** Bytes of a CID in the weight of a directory. */
const CID_BYTES = 36

/** The record of a folder whose node is still to be made. */
export const UNFINISHED: FolderRecord = {
  linked: { cid: EMPTY_DIRECTORY.cid, size: EMPTY_DIRECTORY.size },
  isSharded: false,
  counted: 0,
  all: 0,
  totals: { files: 0, bytes: 0 },
  isUnfinished: true
}

/** What has changed in one folder, and what its record and node are to be then. */
export class FolderEdit {
  readonly #record: FolderRecord | undefined
  readonly #before: ReadonlyMap<string, Entry>
  /** Entries of the folder that are not in `before`. */
  readonly #others: () => Promise<ReadonlyMap<string, Entry>>
  readonly #changed = new Map<string, Entry | undefined>()

  /** `before` holds the entries that may change; `others` reads all of them. */
  constructor(
    record: FolderRecord | undefined,
    before: ReadonlyMap<string, Entry>,
    others: () => Promise<ReadonlyMap<string, Entry>>
  ) {
    this.#record = record?.isUnfinished === true ? undefined : record
    this.#before = before
    this.#others = others
  }

  set(name: string, entry: Entry | undefined): void {
    this.#changed.set(name, entry)
  }

  get isEmpty(): boolean {
    return this.#record != null && this.#changed.size === 0
  }

  /** The record but for its node, and how to come to that. */
  async plan(): Promise<{ record: Omit<FolderRecord, 'linked'>; edit: DirectoryEdit | undefined }> {
    const record = await this.#sums()
    const links = this.#linksChanged()
    const isSame = this.#record != null && links.size === 0

    return {
      record,
      edit: isSame
        ? undefined
        : {
            previous: this.#record && {
              cid: this.#record.linked.cid,
              isSharded: this.#record.isSharded
            },
            changes: links,
            isSharded: record.isSharded,
            entries: async () => this.#allLinks()
          }
    }
  }

  async #sums(): Promise<Omit<FolderRecord, 'linked'>> {
    const base = this.#record ?? UNFINISHED
    const sums = { counted: base.counted, all: base.all, ...base.totals }
    const entries =
      this.#record == null
        ? [...(await this.#all())].map(([name, entry]) => ({ name, entry, old: undefined }))
        : [...this.#changed].map(([name, entry]) => ({
            name,
            entry,
            old: this.#before.get(name)
          }))

    for (const { name, entry, old } of entries) {
      addTo(sums, name, entry, 1)
      addTo(sums, name, old, -1)
    }

    const { counted, all, files, bytes } = sums

    return {
      counted,
      all,
      totals: { files, bytes },
      isSharded: isSharded(sums),
      isUnfinished: false
    }
  }

  #linksChanged(): Map<string, Linked | undefined> {
    return new Map(
      [...this.#changed]
        .filter(([name, entry]) => !isSameLink(this.#before.get(name), entry))
        .map(([name, entry]) => [name, entry?.linked])
    )
  }

  async #allLinks(): Promise<Changes> {
    return new Map([...(await this.#all())].map(([name, { linked }]) => [name, linked]))
  }

  async #all(): Promise<Map<string, Entry>> {
    const entries = new Map(await this.#others())

    for (const [name, entry] of this.#changed) {
      if (entry == null) entries.delete(name)
      else entries.set(name, entry)
    }

    return entries
  }
}

export function isSameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a?.kind !== 'folder' || b?.kind !== 'folder') return false

  return (
    isSameLink(a, b) &&
    a.ino === b.ino &&
    a.isLink === b.isLink &&
    a.totals.files === b.totals.files &&
    a.totals.bytes === b.totals.bytes
  )
}

function isSameLink(a: Entry | undefined, b: Entry | undefined): boolean {
  return a != null && b != null && a.linked.cid.equals(b.linked.cid)
}

function addTo(
  sums: { counted: number; all: number } & { -readonly [K in keyof Totals]: Totals[K] },
  name: string,
  entry: Entry | undefined,
  sign: 1 | -1
): void {
  if (entry == null) return

  const weight = Buffer.byteLength(name) + CID_BYTES
  const isCounted = entry.kind === 'file' || entry.linked.cid.equals(EMPTY_DIRECTORY.cid)
  const { files, bytes } =
    entry.kind === 'file' ? { files: 1, bytes: entry.stat.size } : entry.totals

  sums.all += sign * weight
  sums.counted += isCounted ? sign * weight : 0
  sums.files += sign * files
  sums.bytes += sign * bytes
}
