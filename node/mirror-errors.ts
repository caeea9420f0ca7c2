/** A node was asked to mirror itself. */
export class OwnSiteError extends Error {
  override readonly name = 'OwnSiteError'
  readonly code = 'PLEXNET_MIRROR_REFUSED'

  constructor() {
    super('This is the site of this node itself, which serves it anyway.')
  }
}

/** A rate is no number of bytes a second, or hours are none. */
export class InvalidPaceError extends Error {
  override readonly name = 'InvalidPaceError'
  readonly code = 'PLEXNET_MIRROR_REFUSED'
}

/** A quota is no number of bytes. */
export class InvalidQuotaError extends Error {
  override readonly name = 'InvalidQuotaError'
  readonly code = 'PLEXNET_MIRROR_REFUSED'

  constructor() {
    super('A quota is a number of bytes above 0, such as 5GiB.')
  }
}

/** This node mirrors nothing at all. */
export class UnknownMirrorError extends Error {
  override readonly name = 'UnknownMirrorError'
  readonly code = 'PLEXNET_NOT_MIRRORED'

  constructor(address: string) {
    super(`This node does not mirror ${address}.`)
  }
}
