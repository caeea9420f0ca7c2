import {
  formatAddress,
  type FullAddress,
  type NodeAddress,
  type NodeUuid
} from '../identity/index.ts'
import type { VerifiedRecord } from './record.ts'
import type { Step } from './trail.ts'

export type RecordFault =
  | 'too-large'
  | 'malformed'
  | 'bad-signature'
  | 'wrong-uuid'
  | 'wrong-key'
  | 'expired'
  | 'not-yet-valid'
  | 'superseded'
  | 'store-full'

/** A record that may not be used; `fault` says why. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
  readonly code = 'PLEXNET_RECORD'
  readonly fault: RecordFault

  constructor(fault: RecordFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}

/** Nobody who was asked knows the address. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError'
  readonly code = 'PLEXNET_NOT_FOUND'
  readonly address: NodeAddress
  readonly trail: readonly Step[]

  constructor(address: NodeAddress, trail: readonly Step[]) {
    super(
      `No node is known under ${formatAddress(address)}. Check the address; if it is right, its node has not been on the network for longer than its record lasts.`
    )
    this.address = address
    this.trail = trail
  }
}

/** Nodes claim a bare UUID, and none of them could be asked who it is. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError'
  readonly code = 'PLEXNET_UNANSWERED'
  readonly trail: readonly Step[]

  constructor(address: NodeAddress, claimants: number, trail: readonly Step[]) {
    super(
      claimants === 1
        ? `A node claims ${formatAddress(address)}, but it could not be asked who it is. It may be switched off: try again later, or use its full address.`
        : `${claimants} nodes claim ${formatAddress(address)}, but none of them could be asked who it is. Try again later, or use the full address.`
    )
    this.trail = trail
  }
}

/** Several keys claim one UUID and nothing tells them apart (DESIGN section 5). */
export class AmbiguousError extends Error {
  override readonly name = 'AmbiguousError'
  readonly code = 'PLEXNET_AMBIGUOUS'
  readonly uuid: NodeUuid
  readonly claims: readonly VerifiedRecord[]
  readonly trail: readonly Step[]

  constructor(uuid: NodeUuid, claims: readonly VerifiedRecord[], trail: readonly Step[]) {
    super(
      `${claims.length} nodes claim the UUID ${uuid} and nothing here tells them apart. Use a full address: ${claims.map(claim => formatAddress(claim.address)).join(', ')}.`
    )
    this.uuid = uuid
    this.claims = claims
    this.trail = trail
  }
}

/** Another key claims a UUID whose key was pinned, and the pinned one is not there: somebody else, or a key that was lost. */
export class PinnedKeyError extends Error {
  override readonly name = 'PinnedKeyError'
  readonly code = 'PLEXNET_PINNED_KEY'
  readonly pinned: FullAddress
  readonly claims: readonly VerifiedRecord[]
  readonly trail: readonly Step[]

  constructor(pinned: FullAddress, claims: readonly VerifiedRecord[], trail: readonly Step[]) {
    super(
      `The key of ${pinned.uuid} has changed. It was ${pinned.fp}, which is not on the network; now it is claimed by ${claims.map(claim => formatAddress(claim.address)).join(', ')}. Somebody may pass for this node. Ask its owner for the fingerprint, and if it is right: plexnet trust add <full address>`
    )
    this.pinned = pinned
    this.claims = claims
    this.trail = trail
  }
}

/** The key of an address was given up for another, as both keys say. */
export class SucceededError extends Error {
  override readonly name = 'SucceededError'
  readonly code = 'PLEXNET_SUCCEEDED'
  readonly address: FullAddress
  readonly successor: FullAddress
  readonly trail: readonly Step[]

  constructor(address: FullAddress, successor: FullAddress, trail: readonly Step[]) {
    super(
      `${formatAddress(address)} has a new key and is now ${formatAddress(successor)}, as the old key and the new one say. Use the new address.`
    )
    this.address = address
    this.successor = successor
    this.trail = trail
  }
}

/** The owner of a key says that nobody should believe it any more. */
export class RevokedKeyError extends Error {
  override readonly name = 'RevokedKeyError'
  readonly code = 'PLEXNET_REVOKED'
  readonly address: FullAddress
  readonly trail: readonly Step[]

  constructor(address: FullAddress, trail: readonly Step[]) {
    super(
      `The key of ${formatAddress(address)} was revoked by its owner: it may be in the hands of somebody else. Ask the owner, by another way than this network, for a new address.`
    )
    this.address = address
    this.trail = trail
  }
}

/** A key names two successors: whoever stole it is one of them. */
export class DisputedSuccessionError extends Error {
  override readonly name = 'DisputedSuccessionError'
  readonly code = 'PLEXNET_SUCCESSION_DISPUTED'
  readonly address: FullAddress
  readonly successors: readonly FullAddress[]
  readonly trail: readonly Step[]

  constructor(address: FullAddress, successors: readonly FullAddress[], trail: readonly Step[]) {
    super(
      `${formatAddress(address)} names two successors: ${successors.map(successor => formatAddress(successor)).join(' and ')}. Its key must be in two hands, so that neither is followed. Ask its owner for the fingerprint of the right one, and then: plexnet trust add <full address>. Its owner can end this by revoking the old key.`
    )
    this.address = address
    this.successors = successors
    this.trail = trail
  }
}

/** A key names a successor that cannot be followed. */
export class SuccessionError extends Error {
  override readonly name = 'SuccessionError'
  readonly code = 'PLEXNET_SUCCESSION'
  readonly address: FullAddress
  readonly trail: readonly Step[]

  constructor(address: FullAddress, reason: string, trail: readonly Step[]) {
    super(
      `${formatAddress(address)} names a successor, which ${reason}. Nobody is believed until that is settled; ask its owner for the fingerprint, and then: plexnet trust add <full address>`
    )
    this.address = address
    this.trail = trail
  }
}

/** The lookup did not end within its bound. */
export class LookupTimeoutError extends Error {
  override readonly name = 'LookupTimeoutError'
  readonly code = 'PLEXNET_LOOKUP_TIMEOUT'
  readonly trail: readonly Step[]

  constructor(address: NodeAddress, milliseconds: number, trail: readonly Step[]) {
    super(
      `Looking up ${formatAddress(address)} took longer than ${milliseconds} ms. The network may be slow; try again.`
    )
    this.trail = trail
  }
}

/** As many lookups as may be are under way already. */
export class LookupBusyError extends Error {
  override readonly name = 'LookupBusyError'
  readonly code = 'PLEXNET_LOOKUP_BUSY'
  /** Nothing was tried. */
  readonly trail: readonly Step[] = []

  constructor(address: NodeAddress, underway: number) {
    super(
      `${formatAddress(address)} was not looked up: ${underway} lookups are under way already. Try again in a few seconds.`
    )
  }
}

/** No peer is connected, so nobody could be asked. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError'
  readonly code = 'PLEXNET_OFFLINE'
  readonly trail: readonly Step[]

  constructor(address: NodeAddress, trail: readonly Step[]) {
    super(
      `This node has no peers, so nobody could be asked for ${formatAddress(address)}. Give it a seed (plexnet start --seed …) or wait until the network is back.`
    )
    this.trail = trail
  }
}

export type SeedFault =
  | 'bad-address'
  | 'unreachable'
  | 'wrong-certificate'
  | 'bad-answer'
  | 'timeout'

/** A seed that cannot be used; `fault` says why. */
export class SeedError extends Error {
  override readonly name = 'SeedError'
  readonly code = 'PLEXNET_SEED'
  readonly seed: string
  readonly fault: SeedFault

  constructor(seed: string, fault: SeedFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.seed = seed
    this.fault = fault
  }
}
