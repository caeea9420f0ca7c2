/** News that are passed on to nobody. */
export class InvalidAnnouncementError extends Error {
  override readonly name = 'InvalidAnnouncementError'
  readonly code = 'PLEXNET_INVALID_ANNOUNCEMENT'
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(`An announcement is refused: ${reason}`, options)
    this.reason = reason
  }
}
