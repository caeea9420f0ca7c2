/** A libp2p peer could not be reached, or does not speak what it was asked to. */
export class PeerUnreachableError extends Error {
  override readonly name = 'PeerUnreachableError'
  readonly code = 'PLEXNET_PEER_UNREACHABLE'
  readonly peerId: string

  constructor(peerId: string, reason: string, options?: ErrorOptions) {
    super(`The peer ${peerId} cannot be reached: ${reason}.`, options)
    this.peerId = peerId
  }
}
