import type { Step } from '../discovery/index.ts'
import { formatAddress, type NodeAddress } from '../identity/index.ts'

/** Another program listens there already. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
  readonly code = 'PLEXNET_PORT_TAKEN'
  readonly address: string
  readonly port: number

  constructor(address: string, port: number, options?: ErrorOptions) {
    super(
      `Port ${port} on ${address} is taken by another program, perhaps by another Plexnet node. Stop it, or choose other ports (--http-port, --https-port).`,
      options
    )
    this.address = address
    this.port = port
  }
}

/** The operating system refuses to listen there. */
export class CannotListenError extends Error {
  override readonly name = 'CannotListenError'
  readonly code = 'PLEXNET_CANNOT_LISTEN'
  readonly address: string
  readonly port: number

  constructor(address: string, port: number, reason: string, options?: ErrorOptions) {
    super(
      `Cannot listen on ${address} port ${port}: ${reason}. Check that the machine has this address and that the port is allowed, or change the configuration.`,
      options
    )
    this.address = address
    this.port = port
  }
}

/** None of the node's endpoints can be reached, and no connection over libp2p either. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
  readonly code = 'PLEXNET_UNREACHABLE'
  readonly address: NodeAddress
  readonly trail: readonly Step[]

  constructor(address: NodeAddress, trail: readonly Step[], options?: ErrorOptions) {
    super(
      `The node ${formatAddress(address)} is known, but it cannot be reached now. It may be switched off or behind a firewall; try again later.`,
      options
    )
    this.address = address
    this.trail = trail
  }
}

/** Something answers at the node's endpoints that cannot show the node's certificate. */
export class CertificateMismatchError extends Error {
  override readonly name = 'CertificateMismatchError'
  readonly code = 'PLEXNET_CERTIFICATE_MISMATCH'
  readonly address: NodeAddress
  readonly trail: readonly Step[]

  constructor(address: NodeAddress, trail: readonly Step[], options?: ErrorOptions) {
    super(
      `What answers in place of the node ${formatAddress(address)} does not have its certificate, so nothing was asked of it and nothing of it is shown. Either another machine has the address now, or someone on the way pretends to be the node.`,
      options
    )
    this.address = address
    this.trail = trail
  }
}

/** The node was reached, and its answer failed before its first byte. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'
  readonly code = 'PLEXNET_ANSWER'
  readonly address: NodeAddress
  readonly trail: readonly Step[]

  constructor(address: NodeAddress, trail: readonly Step[], options?: ErrorOptions) {
    super(
      `The node ${formatAddress(address)} was reached, but it gave no usable answer. Try again; if it stays so, its owner should look at its log.`,
      options
    )
    this.address = address
    this.trail = trail
  }
}

/** Finding the node and hearing from it took longer than the bound. */
export class GatewayTimeoutError extends Error {
  override readonly name = 'GatewayTimeoutError'
  readonly code = 'PLEXNET_GATEWAY_TIMEOUT'
  readonly address: NodeAddress
  readonly trail: readonly Step[]

  constructor(address: NodeAddress, milliseconds: number, trail: readonly Step[]) {
    super(
      `The node ${formatAddress(address)} did not answer within ${milliseconds} ms. It may be busy or far away; try again.`
    )
    this.address = address
    this.trail = trail
  }
}

/** The node has no signed list of its files, so that nothing of its site can be verified. */
export class NoSiteRecordError extends Error {
  override readonly name = 'NoSiteRecordError'
  readonly code = 'PLEXNET_NO_SITE_RECORD'
  readonly address: NodeAddress

  constructor(address: NodeAddress) {
    super(
      `No signed list of files is known of the node ${formatAddress(address)}: it publishes nothing, has never been read while it was on, or runs a version without them.`
    )
    this.address = address
  }
}

/** What should name a source of sites cannot be read. */
export class InvalidSourceError extends Error {
  override readonly name = 'InvalidSourceError'
  readonly code = 'PLEXNET_INVALID_SOURCE'
  readonly text: string

  constructor(text: string) {
    super(
      `${JSON.stringify(text)} names no source. Write web+https://HOST/FOLDER/#UUID.FP for a copy of a site on a web server, or gateway+https://HOST/ for a trustless gateway.`
    )
    this.text = text
  }
}
