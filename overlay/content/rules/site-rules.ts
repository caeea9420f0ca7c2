import ignore, { type Ignore } from 'ignore'
import { isPublicName, nameFault } from '../public-name.ts'

/** In the root of a site, with the syntax of .gitignore: what of the folder is not published. */
export const IGNORE_FILE = '.plexnetignore'

/** The largest ignore file that is read, in bytes. */
export const MAX_IGNORE_BYTES = 64 * 1024

/** What of a folder is public: the tree and the plain serving of the site ask the same. */
export class SiteRules {
  readonly #ignore: Ignore | undefined

  constructor(ignoreFile = '') {
    this.#ignore = ignoreFile.trim() === '' ? undefined : ignore().add(ignoreFile)
  }

  /** Whether the last of these names, from the root down, is public in a folder that is. */
  isPublic(names: readonly string[], isFolder: boolean): boolean {
    const name = names.at(-1) ?? ''

    if (!isPublicName(name) || nameFault(name) !== undefined) return false

    return this.#ignore?.ignores(names.join('/') + (isFolder ? '/' : '')) !== true
  }

  /** Whether every one of these names is public. */
  isPublicPath(names: readonly string[], isFolder: boolean): boolean {
    return names.every((_, at) =>
      this.isPublic(names.slice(0, at + 1), at < names.length - 1 || isFolder)
    )
  }
}
