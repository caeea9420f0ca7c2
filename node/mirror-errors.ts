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

/** Clients cannot be told of this server. */
export class RefusedServerError extends Error {
  override readonly name = 'RefusedServerError'
  readonly code = 'PLEXNET_MIRROR_REFUSED'
}

/** Nobody of this name mirrors the site of this node. */
export class NoAgreementError extends Error {
  override readonly name = 'NoAgreementError'
  readonly code = 'PLEXNET_NOT_MIRRORED'

  constructor(id: string) {
    super(`There is no agreement with ${id}: plexnet mirrors lists those that there are.`)
  }
}

/** A standing order makes no sense. */
export class InvalidPolicyError extends Error {
  override readonly name = 'InvalidPolicyError'
  readonly code = 'PLEXNET_MIRROR_REFUSED'

  constructor() {
    super('A policy names a level of trust from 1 to 3, and a quota in bytes above 0.')
  }
}
