/** A domain or level of trust that there is not, or an address that says too little. */
export class InvalidTrustError extends Error {
  override readonly name = 'InvalidTrustError'
  readonly code = 'PLEXNET_INVALID_TRUST'
}

/** There is no such statement to take back. */
export class UnknownTrustError extends Error {
  override readonly name = 'UnknownTrustError'
  readonly code = 'PLEXNET_UNKNOWN_TRUST'
}

/** The node that answers has another fingerprint than the one that was compared. */
export class FingerprintMismatchError extends Error {
  override readonly name = 'FingerprintMismatchError'
  readonly code = 'PLEXNET_FINGERPRINT_MISMATCH'
  readonly wanted: string
  readonly shown: readonly string[]

  constructor(wanted: string, shown: readonly string[]) {
    super(
      `The fingerprints differ and nothing was said. You gave ${wanted}; what answers under this address shows ${shown.join(' and ')}. One digit misheard, or somebody in between: compare again, by another way.`
    )
    this.wanted = wanted
    this.shown = shown
  }
}

/** Only the authority key can sign this, and it is locked. */
export class AuthorityLockedError extends Error {
  override readonly name = 'AuthorityLockedError'
  readonly code = 'PLEXNET_LOCKED'

  constructor() {
    super('The authority key of this node is locked, and this needs its signature: plexnet unlock')
  }
}
