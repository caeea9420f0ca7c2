import { randomInt } from 'node:crypto'
import { SiteReader, SourceMemory, type FoundFile } from '../../../overlay/content/fetch/index.ts'
import type { OwnTree } from '../../../overlay/content/index.ts'

/** A part of a file of the own site, with what stands there. */
export interface DrawnRange {
  readonly path: readonly string[]
  readonly start: number
  /** None where the file is empty. */
  readonly bytes: Buffer
  /** Of the whole file. */
  readonly size: number
}

// What one comparison costs a mirror, in bytes.
const MAX_RANGE = 16 * 1024

// Folders of a site below each other; a tree without end stops here.
const MAX_DEPTH = 64

// Names of one folder among which one is drawn.
const MAX_NAMES = 10_000

/** Draws parts of the files of a tree; large files and folders come more often, by their size. */
export class Ranges {
  readonly #reader: SiteReader

  constructor(tree: OwnTree, root: NonNullable<OwnTree['root']>) {
    const cache = {
      has: () => true,
      get: async (cid: typeof root) => tree.block(cid),
      put: () => undefined
    }

    this.#reader = new SiteReader({
      site: 'own',
      root,
      sources: () => [],
      cache,
      memory: new SourceMemory()
    })
  }

  /**
   * A part of some file below a folder; undefined where there is none.
   *
   * @throws where the site has changed meanwhile
   */
  async draw(folder: readonly string[], signal: AbortSignal): Promise<DrawnRange | undefined> {
    const file = await this.#drawFile(folder, signal)

    if (file === undefined) return undefined

    const start = file.size > MAX_RANGE ? randomInt(file.size - 1) : 0
    const end = Math.min(file.size, start + 1 + randomInt(MAX_RANGE))
    const pieces = await Array.fromAsync(this.#reader.read(file, start, end, { signal }))

    return { path: file.path, start, bytes: Buffer.concat(pieces), size: file.size }
  }

  async #drawFile(folder: readonly string[], signal: AbortSignal): Promise<FoundFile | undefined> {
    let found = await this.#reader.find(folder, { signal })

    for (let depth = 0; found.kind === 'folder' && depth < MAX_DEPTH; depth++) {
      const names: { name: string; weight: number }[] = []

      for await (const { name, size = 0 } of this.#reader.names(found, { signal })) {
        names.push({ name, weight: size + 1 })
        if (names.length === MAX_NAMES) break
      }

      const name = drawName(names)

      if (name === undefined) return undefined
      found = await this.#reader.find([...found.path, name], { signal })
    }

    return found.kind === 'file' ? found : undefined
  }
}

function drawName(names: readonly { name: string; weight: number }[]): string | undefined {
  const total = names.reduce((sum, { weight }) => sum + weight, 0)
  let rest = total > 0 ? randomInt(Math.min(total, 2 ** 47)) : 0

  for (const { name, weight } of names) {
    if (rest < weight) return name
    rest -= weight
  }

  return undefined
}
