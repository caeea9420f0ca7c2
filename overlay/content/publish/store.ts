import { readFile } from 'node:fs/promises'
import writeFileAtomic from 'write-file-atomic'

/** The file in which the record that was signed last outlives the process. */
export class SiteRecordFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Undefined where there is none, or none that can be read. */
  async read(): Promise<Uint8Array | undefined> {
    return readFile(this.#path).catch(() => undefined)
  }

  /** On the disk when it resolves: a number that was told to others must never be used again. */
  async write(record: Uint8Array): Promise<void> {
    await writeFileAtomic(this.#path, Buffer.from(record), { mode: 0o600, fsync: true })
  }
}
