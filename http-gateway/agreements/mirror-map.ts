import type { ListedMirror } from '../../overlay/agreements/index.ts'
import { linkField } from './links.ts'

/** What answers of the own site tell of its mirrors; another object as soon as that changes, so that answers can be prepared. */
export class MirrorMap {
  readonly #mirrors: readonly ListedMirror[]
  readonly #field: string

  /** `field`: as List-Mirrors */
  constructor(mirrors: readonly ListedMirror[], field: string) {
    this.#mirrors = mirrors
    this.#field = field
  }

  /** Names and values in turn, for an answer with the document at `path`. */
  fieldsFor(path: string): string[] {
    const link = linkField(this.#mirrors, path)

    return ['List-Mirrors', this.#field, ...(link === undefined ? [] : ['Link', link])]
  }
}
