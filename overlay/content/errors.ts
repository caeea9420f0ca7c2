export type SiteRecordFault =
  | 'too-large'
  | 'malformed'
  | 'bad-node-record'
  | 'wrong-uuid'
  | 'wrong-address'
  | 'bad-signature'
  | 'outside-node-record'
  | 'not-yet-valid'
  | 'expired'

/** A site record that may not be used; `reason` says why. */
export class InvalidSiteRecordError extends Error {
  override readonly name = 'InvalidSiteRecordError'
  readonly code = 'PLEXNET_SITE_RECORD'
  readonly reason: SiteRecordFault

  constructor(reason: SiteRecordFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
