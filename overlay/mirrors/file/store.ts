import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { decodeMirrored, encodeMirrored, type MirroredSite } from '../mirrored-site.ts'

/** What is mirrored, as a file that is replaced at once. */
export class MirrorFile {
  readonly #path: string
  #written: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  /** @throws {SyntaxError | TypeError} where somebody damaged it */
  async read(): Promise<MirroredSite[]> {
    const text = await readFile(this.#path, 'utf8').catch(() => undefined)

    return text == null ? [] : decodeMirrored(text)
  }

  async write(sites: Iterable<MirroredSite>): Promise<void> {
    const text = encodeMirrored(sites)
    const written = this.#written.then(async () => this.#replace(text))

    this.#written = written.catch(() => undefined)
    await written
  }

  async #replace(text: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    await writeFileAtomic(this.#path, text, { mode: 0o600 })
  }
}
