export type IncidentFault =
  | 'too-large'
  | 'malformed'
  | 'bad-node-record'
  | 'wrong-node'
  | 'bad-signature'
  | 'outside-node-record'
  | 'from-the-future'
  | 'expired'
  | 'no-lie'

/** An accusation that proves nothing; `reason` says why. */
export class InvalidIncidentError extends Error {
  override readonly name = 'InvalidIncidentError'
  readonly code = 'PLEXNET_INCIDENT'
  readonly reason: IncidentFault

  constructor(reason: IncidentFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
