/** The file of the access log cannot be opened. */
export class AccessLogError extends Error {
  override readonly name = 'AccessLogError'
  readonly code = 'PLEXNET_ACCESS_LOG'
  readonly path: string

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(
      `The access log ${path} (access_log.file) cannot be opened: ${reason}. Make its folder, or allow this user to write to it.`,
      options
    )
    this.path = path
  }
}
