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
