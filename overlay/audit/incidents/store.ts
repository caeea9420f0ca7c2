import { mkdir, readdir, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import { INCIDENT_LIFETIME, openIncident, type Incident } from '../incident/incident.ts'

/** Liars that are remembered, the last ones: one incident each, 28 KiB at most and 11 KiB mostly. */
export const MAX_LIARS = 1000

const FILE = '.incident'

/** What nodes were shown to have lied about, one file each. What cannot be read, or is too old, is removed. */
export class Incidents {
  readonly #directory: string
  /** By the address of the liar, in the order in which they came. */
  readonly #incidents = new Map<string, Incident>()
  #writing: Promise<void> = Promise.resolve()

  constructor(directory: string) {
    this.#directory = directory
  }

  async open(): Promise<void> {
    const found: Incident[] = []

    for (const name of await readdir(this.#directory).catch(() => [])) {
      const path = join(this.#directory, name)
      const incident = await read(path)

      if (incident == null || name !== fileOf(incident.liar)) await remove(path)
      else found.push(incident)
    }

    for (const incident of found.toSorted((a, b) => a.signed - b.signed)) {
      this.#incidents.set(formatAddress(incident.liar), incident)
    }
  }

  /** The last lie of a node that is known. */
  of(node: FullAddress, now: number): Incident | undefined {
    const incident = this.#incidents.get(formatAddress(node))

    return incident != null && incident.signed > now - INCIDENT_LIFETIME ? incident : undefined
  }

  all(): Incident[] {
    return [...this.#incidents.values()]
  }

  /** Keeps an incident; false where one of the same node that is as new is here. Resolves when it is on the disk. */
  async add(incident: Incident): Promise<boolean> {
    const name = formatAddress(incident.liar)
    const known = this.#incidents.get(name)

    if (known != null && known.signed >= incident.signed) return false

    this.#incidents.delete(name)
    this.#incidents.set(name, incident)
    // One after the other: two may be of one node.
    this.#writing = this.#writing.catch(() => undefined).then(async () => this.#write(incident))
    await this.#writing

    return true
  }

  async #write(incident: Incident): Promise<void> {
    const [oldest] = this.#incidents

    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    await writeFileAtomic(
      join(this.#directory, fileOf(incident.liar)),
      Buffer.from(incident.bytes),
      { mode: 0o600 }
    )
    if (this.#incidents.size > MAX_LIARS && oldest != null) {
      this.#incidents.delete(oldest[0])
      await remove(join(this.#directory, fileOf(oldest[1].liar)))
    }
  }
}

function fileOf(node: FullAddress): string {
  return formatAddress(node) + FILE
}

async function read(path: string): Promise<Incident | undefined> {
  try {
    return openIncident(new Uint8Array(await readFile(path)), Date.now())
  } catch {
    return undefined
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => undefined)
}
