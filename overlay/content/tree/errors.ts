import { errorMessage } from '../../../identity/index.ts'

/** The store of the tree cannot be opened: the site is served, but not as a tree. */
export class TreeStoreError extends Error {
  override readonly name = 'TreeStoreError'
  readonly code = 'PLEXNET_TREE_STORE'

  constructor(folder: string, cause: unknown) {
    super(
      `The index of the site in ${folder} cannot be opened: ${errorMessage(cause)}. It may be deleted; it is built anew from the site.`,
      { cause }
    )
  }
}

/** A node of the tree is not in the store, which must then be built anew. */
export class MissingNodeError extends Error {
  override readonly name = 'MissingNodeError'
  readonly code = 'PLEXNET_TREE_NODE_MISSING'

  constructor(cid: string) {
    super(`The node ${cid} of the site’s tree is not in its store any more.`)
  }
}

/** The published folder is not there, or may not be read. */
export class SiteFolderGoneError extends Error {
  override readonly name = 'SiteFolderGoneError'
  readonly code = 'PLEXNET_SITE_FOLDER_GONE'

  constructor(folder: string, reason: string) {
    super(
      `The published folder ${folder} cannot be read: ${reason}. What was published last stays published; it is looked at again.`
    )
  }
}

/** More than a site may have, or a circle of links. */
export class SiteTooLargeError extends Error {
  override readonly name = 'SiteTooLargeError'
  readonly code = 'PLEXNET_SITE_TOO_LARGE'

  constructor(folder: string, max: number) {
    super(
      `The folder ${folder} has more than ${max} files and folders. Leave some out with .plexnetignore, or publish a smaller folder.`
    )
  }
}
