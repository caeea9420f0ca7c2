/** The content is larger than what is taken. */
export class ContentTooLargeError extends Error {
  override readonly name = 'ContentTooLargeError'
  readonly code = 'PLEXNET_CONTENT_TOO_LARGE'

  constructor(limit: number) {
    super(`The content is larger than ${limit} bytes. Send a smaller document.`)
  }
}

/** Between the first look at a document and its replacement somebody else changed it. */
export class StateDiffersError extends Error {
  override readonly name = 'StateDiffersError'
  readonly code = 'PLEXNET_PRECONDITION_FAILED'

  constructor() {
    super('The document is not in the state that the request requires. Fetch it again.')
  }
}

/** A digest of the content cannot be read. */
export class DigestFieldError extends Error {
  override readonly name = 'DigestFieldError'
  readonly code = 'PLEXNET_DIGEST_UNREADABLE'

  constructor(field: string, reason: string, options?: ErrorOptions) {
    super(`The field ${field} cannot be read: ${reason}. Send it as sha-256=:<base64>:.`, options)
  }
}

/** The content is not what its digest says. */
export class DigestMismatchError extends Error {
  override readonly name = 'DigestMismatchError'
  readonly code = 'PLEXNET_DIGEST_MISMATCH'
  readonly field: string
  readonly algorithm: string

  constructor(field: string, algorithm: string) {
    super(`The content does not have the ${algorithm} digest that ${field} names. Send it again.`)
    this.field = field
    this.algorithm = algorithm
  }
}

/** There is no folder to which a document could be added. */
export class NoFolderError extends Error {
  override readonly name = 'NoFolderError'
  readonly code = 'PLEXNET_NO_FOLDER'

  constructor() {
    super('There is no folder at the path. Put a document into it first.')
  }
}

/** No document can be at the path. */
export class NameConflictError extends Error {
  override readonly name = 'NameConflictError'
  readonly code = 'PLEXNET_NAME_CONFLICTS'

  constructor() {
    super('A folder or something that is no file is at the path. Choose another name.')
  }
}

/** The path leads out of the folder of the site. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError'
  readonly code = 'PLEXNET_OUTSIDE'

  constructor() {
    super('The path leads out of the folder of the site. Choose another name.')
  }
}
