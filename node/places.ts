import { networkInterfaces } from 'node:os'
import type { Configuration } from '../config.ts'
import type { Reachability } from '../discovery/index.ts'
import { isPrivateAddress } from '../discovery/network-prefix.ts'
import type { PublishedSite } from '../http-gateway/index.ts'
import type { FullAddress, Identity } from '../identity/index.ts'
import { publishedSite } from './cards.ts'
import {
  certificateNames,
  httpsUrl,
  mirrorPlaces,
  reachabilityOf,
  reachableAddresses,
  type Surroundings
} from './reachability.ts'

/** Where others reach this node, as the machine and the configuration are now. */
export class Places {
  readonly #configuration: Configuration
  readonly #identity: Identity
  readonly #ports: () => { readonly httpPort: number; readonly httpsPort: number }

  constructor(
    configuration: Configuration,
    identity: Identity,
    ports: () => { readonly httpPort: number; readonly httpsPort: number }
  ) {
    this.#configuration = configuration
    this.#identity = identity
    this.#ports = ports
  }

  /** What the node record says, given libp2p's own addresses. */
  reachability(multiaddrs: readonly string[]): Reachability {
    return reachabilityOf(this.#surroundings(), this.#ports().httpsPort, multiaddrs)
  }

  /** What the TLS certificate is to be good for. */
  certificateNames(): ReturnType<typeof certificateNames> {
    return certificateNames(this.#identity.address, this.#surroundings())
  }

  /** A folder that is published, and where it is read. */
  describe(root: string): PublishedSite {
    const { httpPort, httpsPort } = this.#ports()
    const origins = reachableAddresses(this.#surroundings()).map(address =>
      httpsUrl(address, httpsPort)
    )

    return publishedSite(this.#identity, root, httpPort, origins)
  }

  /** Folders at which anybody reads the site of another node that is mirrored here, the public ones first. */
  mirrorPlaces(site: FullAddress): string[] {
    const { httpPort, httpsPort } = this.#ports()

    return mirrorPlaces(site, reachableAddresses(this.#surroundings()), { httpPort, httpsPort })
  }

  /** Nobody outside of this machine and its networks reaches this node. */
  get isPrivate(): boolean {
    const { node } = this.#configuration

    return (
      node.host === undefined && reachableAddresses(this.#surroundings()).every(isPrivateAddress)
    )
  }

  #surroundings(): Surroundings {
    const { gateway, node } = this.#configuration

    return { ...node, bind: gateway.bind, interfaces: networkInterfaces() }
  }
}
