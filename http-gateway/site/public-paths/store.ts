import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type * as Rules from '../../../overlay/content/rules/index.ts'
import { isPublicName } from '../../../overlay/content/public-name.ts'
import { readSitePath, type SitePath } from '../path.ts'

/** In a folder this is what is served of it. */
const INDEX = 'index.html'

const IGNORE_FILE: typeof Rules.IGNORE_FILE = '.plexnetignore'

/** Which paths of the published folder are public: those that its tree has. */
export class PublicPaths {
  #rules: Rules.SiteRules | undefined

  /** Reads the ignore file of a folder, if there is a folder and it has one. */
  async load(root: string | undefined): Promise<void> {
    this.#rules = root === undefined ? undefined : await readRules(join(root, IGNORE_FILE))
  }

  /** What the path of a request names; nothing where that is left out. */
  read(target: string): SitePath {
    const path = readSitePath(target)

    if (this.#rules === undefined || path.kind !== 'entry') {
      return path
    }

    const names = path.isFolder ? [...path.names, INDEX] : path.names

    return names.length === 0 || this.#rules.isPublicPath(names, false) ? path : { kind: 'none' }
  }

  /** Whether a name is listed in the folder that `names` lead to. */
  isListed(names: readonly string[], name: string, isFolder: boolean): boolean {
    return isPublicName(name) && this.#rules?.isPublicPath([...names, name], isFolder) !== false
  }
}

async function readRules(file: string): Promise<Rules.SiteRules | undefined> {
  const handle = await open(file).catch(() => undefined)

  if (handle === undefined) {
    return undefined
  }

  try {
    // Most folders have none.
    const { MAX_IGNORE_BYTES, SiteRules } = await import('../../../overlay/content/rules/index.ts')
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_IGNORE_BYTES))

    return new SiteRules(buffer.toString('utf8', 0, bytesRead))
  } finally {
    await handle.close()
  }
}
