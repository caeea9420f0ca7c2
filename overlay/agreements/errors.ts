/** What a mirror says of itself may not be used. */
export class InvalidMirrorRecordError extends Error {
  override readonly name = 'InvalidMirrorRecordError'
  readonly code = 'PLEXNET_MIRROR_RECORD'

  constructor(reason: string, options?: ErrorOptions) {
    super(`A mirror record is refused: ${reason}`, options)
  }
}
