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

/** A request to look at a mirror that is not carried out. */
export class InvalidAuditRequestError extends Error {
  override readonly name = 'InvalidAuditRequestError'
  readonly code = 'PLEXNET_AUDIT_REQUEST'

  constructor(reason: string, options?: ErrorOptions) {
    super(`A request to audit a mirror is refused: ${reason}.`, options)
  }
}

/** A third node told what it saw in a form that nobody reads. */
export class InvalidAuditReportError extends Error {
  override readonly name = 'InvalidAuditReportError'
  readonly code = 'PLEXNET_AUDIT_REPORT'

  constructor(options?: ErrorOptions) {
    super('A third node gave no usable report of an audit.', options)
  }
}
