/** A site is larger than the owner gives it room for. */
export class MirrorQuotaError extends Error {
  override readonly name = 'MirrorQuotaError'
  readonly code = 'PLEXNET_MIRROR_QUOTA'
  /** What the site has at least, in bytes. */
  readonly bytes: number
  readonly quota: number

  constructor(bytes: number, quota: number) {
    super(
      `The site has ${bytes} bytes or more, and its quota is ${quota}: mirror it with a larger --quota.`
    )
    this.bytes = bytes
    this.quota = quota
  }
}

/** A site has more blocks than a mirror keeps account of. */
export class MirrorTreeError extends Error {
  override readonly name = 'MirrorTreeError'
  readonly code = 'PLEXNET_MIRROR_TREE'

  constructor(blocks: number) {
    super(`The site has more than ${blocks} blocks, and is not mirrored.`)
  }
}

/** The disk takes no more of a mirrored site. */
export class MirrorDiskError extends Error {
  override readonly name = 'MirrorDiskError'
  readonly code = 'PLEXNET_MIRROR_DISK'

  constructor(directory: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)

    super(`A block could not be written below ${directory}: ${reason}. Make room there.`, { cause })
  }
}

/** A copy goes on later: it has to wait for its hours, or for its rate while others have their turn. */
export class MirrorPausedError extends Error {
  override readonly name = 'MirrorPausedError'
  readonly code = 'PLEXNET_MIRROR_PAUSED'
  /** In ms since the epoch. */
  readonly until: number

  constructor(until: number) {
    super('The copy goes on when its hours and its rate allow it.')
    this.until = until
  }
}

/** This node cannot mirror what was asked for. */
export class MirrorRefusedError extends Error {
  override readonly name = 'MirrorRefusedError'
  readonly code = 'PLEXNET_MIRROR_REFUSED'
}

/** What is pushed here is not taken. */
export class PushRefusedError extends Error {
  override readonly name = 'PushRefusedError'
  readonly code = 'PLEXNET_PUSH_REFUSED'

  constructor(reason: string) {
    super(`What is pushed is not taken: ${reason}.`)
  }
}

/** This node does not mirror the site. */
export class NotMirroredError extends Error {
  override readonly name = 'NotMirroredError'
  readonly code = 'PLEXNET_NOT_MIRRORED'

  constructor(address: string) {
    super(`This node does not mirror ${address}: plexnet mirrors lists what it does.`)
  }
}
