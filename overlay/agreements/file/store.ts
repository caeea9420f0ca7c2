import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { Agreement } from '../agreement.ts'
import { decodeAgreements, encodeAgreements } from '../agreement-file.ts'

/** The agreements of this node, as a file that is replaced at once. */
export class AgreementFile {
  readonly #path: string
  #written: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  /** @throws {SyntaxError | TypeError} where somebody damaged it */
  async read(): Promise<Agreement[]> {
    const text = await readFile(this.#path, 'utf8').catch(() => undefined)

    return text == null ? [] : decodeAgreements(text)
  }

  async write(agreements: Iterable<Agreement>): Promise<void> {
    const text = encodeAgreements(agreements)
    const written = this.#written.then(async () => this.#replace(text))

    this.#written = written.catch(() => undefined)
    await written
  }

  async #replace(text: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    await writeFileAtomic(this.#path, text, { mode: 0o600 })
  }
}
