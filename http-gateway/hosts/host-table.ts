import { LRUCache } from 'lru-cache'
import {
  formatLabel,
  parseAddress,
  type FullAddress,
  type NodeAddress
} from '../../identity/index.ts'
import { NAME_SUFFIX } from '../../identity/names/name.ts'
import { parseAuthority } from './authority.ts'

/** A node that a request names, with its label as the key under which it is remembered. */
export interface Target {
  readonly address: NodeAddress
  readonly label: string
}

export type HostMeaning =
  | { readonly kind: 'own'; readonly port: string | undefined }
  | { readonly kind: 'node'; readonly target: Target; readonly port: string | undefined }
  /** A name for a node, as it stands in the host: `blog.alice`. */
  | { readonly kind: 'name'; readonly name: string; readonly port: string | undefined }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'invalid' }

export interface OwnNames {
  readonly address: FullAddress
  /** `node.host` */
  readonly host?: string | undefined
  /** Further names that are answered for here. */
  readonly aliases?: readonly string[] | undefined
  /** Whether this node has a whole copy of that node's site, for anybody. */
  readonly isMirrored?: ((address: FullAddress) => boolean) | undefined
}

// Names and addresses that requests bring are forgotten beyond this number.
const REMEMBERED = 4096

const LOCALHOST = 'localhost'
const SUBDOMAIN = '.localhost'
const LOOKS_LIKE_UUID = /^[0-9a-f]{8}-/
const PATH_ADDRESS =
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:[.-][0-9a-z]{16,64})?$/i

/** The names of DESIGN section 8: what a Host and a first path segment stand for. */
export class HostTable {
  readonly #own: OwnNames
  readonly #ownHosts: ReadonlySet<string>
  readonly #hosts = new LRUCache<string, HostMeaning>({ max: REMEMBERED })
  readonly #segments = new LRUCache<string, Target | { reason: string }>({ max: REMEMBERED })

  constructor(own: OwnNames) {
    this.#own = own
    this.#ownHosts = new Set(
      [own.host ?? '', ...(own.aliases ?? [])].flatMap(host => parseAuthority(host)?.name ?? [])
    )
  }

  host(text: string): HostMeaning {
    let meaning = this.#hosts.get(text)

    if (meaning === undefined) {
      meaning = this.#readHost(text)
      this.#hosts.set(text, meaning)
    }

    return meaning
  }

  /** What a first path segment names, or undefined where it is an ordinary file name. */
  segment(text: string): Target | { readonly reason: string } | undefined {
    const known = this.#segments.get(text)

    if (known !== undefined || !PATH_ADDRESS.test(text)) {
      return known
    }

    const target = readTarget(text)

    this.#segments.set(text, target)

    return target
  }

  /** Whether this is our own node: the UUID with another fingerprint is another node. */
  isOwn({ address }: Target): boolean {
    return (
      address.uuid === this.#own.address.uuid &&
      (address.fp === undefined || address.fp === this.#own.address.fp)
    )
  }

  /** Whether anybody is answered here for that node's site. */
  isMirrored({ address: { uuid, fp } }: Target): boolean {
    return fp !== undefined && this.#own.isMirrored?.({ uuid, fp }) === true
  }

  #readHost(text: string): HostMeaning {
    const authority = parseAuthority(text)

    if (authority === undefined) {
      return { kind: 'invalid' }
    }

    const { name, port, isAddress } = authority

    // A page that was rebound in the DNS still sends its own name, never an address.
    if (isAddress || name === LOCALHOST || this.#ownHosts.has(name)) {
      return { kind: 'own', port }
    }

    if (name.endsWith(NAME_SUFFIX)) {
      return { kind: 'name', name: name.slice(0, -NAME_SUFFIX.length), port }
    }

    const label = name.endsWith(SUBDOMAIN) ? name.slice(0, -SUBDOMAIN.length) : ''

    if (!LOOKS_LIKE_UUID.test(label)) {
      return { kind: 'foreign' }
    }

    const target = readTarget(label)

    if ('reason' in target) {
      return { kind: 'unreadable', reason: target.reason }
    }

    return this.isOwn(target) ? { kind: 'own', port } : { kind: 'node', target, port }
  }
}

function readTarget(text: string): Target | { reason: string } {
  try {
    const address = parseAddress(text)

    return { address, label: formatLabel(address) }
  } catch (error) {
    return { reason: error instanceof Error ? error.message : 'It cannot be read.' }
  }
}
