import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { decodeLedger, encodeLedger, newLedgerEntry, type LedgerEntry } from './entry.ts'

/** Mirrors whose standing is remembered, those audited last. */
export const MAX_STANDINGS = 1000

/** How mirrors stand, in one file that is replaced at once. */
export class Ledger {
  readonly #path: string
  readonly #entries = new Map<string, LedgerEntry>()
  #written: Promise<void> = Promise.resolve()
  #isWaiting = false

  constructor(path: string) {
    this.#path = path
  }

  async open(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch(() => '')

    for (const entry of decodeLedger(text)) this.#entries.set(keyOf(entry), entry)
  }

  of(site: string, mirror: string): LedgerEntry {
    return this.#entries.get(keyOf({ site, mirror })) ?? newLedgerEntry(site, mirror)
  }

  all(): LedgerEntry[] {
    return [...this.#entries.values()]
  }

  /** Resolves when it is on the disk; changes that come meanwhile are written together. */
  async set(entry: LedgerEntry): Promise<void> {
    const key = keyOf(entry)

    this.#entries.delete(key)
    this.#entries.set(key, entry)

    const [oldest] = this.#entries.keys()

    if (this.#entries.size > MAX_STANDINGS && oldest != null) this.#entries.delete(oldest)
    if (!this.#isWaiting) {
      this.#isWaiting = true
      this.#written = this.#written.catch(() => undefined).then(async () => this.#write())
    }
    await this.#written
  }

  async #write(): Promise<void> {
    this.#isWaiting = false
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    await writeFileAtomic(this.#path, encodeLedger(this.#entries.values()), { mode: 0o600 })
  }
}

function keyOf({ site, mirror }: Pick<LedgerEntry, 'site' | 'mirror'>): string {
  return `${site} ${mirror}`
}
