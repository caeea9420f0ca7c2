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

/** libp2p cannot listen where it was told to. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code: 'PLEXNET_PORT_TAKEN' | 'PLEXNET_CANNOT_LISTEN'

  constructor(addresses: readonly string[], options: { cause: Error }) {
    const taken = options.cause.message.includes('EADDRINUSE')

    super(
      taken
        ? `The libp2p port is taken (${addresses.join(', ')}), perhaps by another Plexnet node. Stop it, or choose another port (--p2p-port).`
        : `libp2p cannot listen on ${addresses.join(', ')}: ${firstLineOf(options.cause)}`,
      options
    )
    this.code = taken ? 'PLEXNET_PORT_TAKEN' : 'PLEXNET_CANNOT_LISTEN'
  }
}

function firstLineOf(error: Error): string {
  return error.message.split('\n').find(line => line.includes('Error:')) ?? error.message
}
