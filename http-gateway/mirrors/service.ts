import { setTimeout as delay } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { formatAddress, type FullAddress } from '../../identity/index.ts'
import type { Regard } from '../../overlay/audit/index.ts'
import { weigh, type BlockSource } from '../../overlay/content/fetch/index.ts'

/** A node that says that it mirrors a site. */
export interface FoundMirror {
  readonly address: FullAddress
  /** 0 for a stranger, to 3: how far this node trusts it to mirror. */
  readonly trust: number
}

export interface FoundMirrorsOptions {
  /** Asks the network; undefined where it is not to be asked. */
  readonly find:
    | ((
        address: FullAddress,
        options: { readonly signal: AbortSignal }
      ) => AsyncIterable<FoundMirror>)
    | undefined
  readonly sourceOf: (address: FullAddress) => BlockSource
  /** How a node is read from that was shown to have lied; it may change at any time. */
  readonly regard?: ((address: FullAddress) => Regard) | undefined
}

type Mirror = FoundMirror & { readonly source: BlockSource }

interface Known {
  readonly mirrors: Mirror[]
  /** Resolves with the first mirror, or when there is none; undefined where the network was not asked. */
  readonly first?: Promise<void>
}

// Sites whose mirrors are remembered.
const MAX_SITES = 1000

// Mirrors of one site that are used.
const MAX_MIRRORS = 8

// Mirrors are looked for again after this time, in ms; where there were none, sooner.
const FOUND_FOR = 300_000
const NONE_FOR = 10_000

// How long the network is asked, and how long a reader waits for the first answer, in ms.
const FIND_TIMEOUT = 10_000
const WAIT = 3000

/** The mirrors of sites that are being read: looked for when a publisher is of no use, and remembered for some minutes. */
export class FoundMirrors {
  readonly #options: FoundMirrorsOptions
  readonly #sites = new LRUCache<string, Known>({ max: MAX_SITES, ttl: FOUND_FOR })
  readonly #abort = new AbortController()

  constructor(options: FoundMirrorsOptions) {
    this.#options = options
  }

  /** Those that are known now, the best first. */
  sources(address: FullAddress): readonly BlockSource[] {
    return this.#usable(address).map(({ source }) => source)
  }

  addresses(address: FullAddress): readonly FullAddress[] {
    return this.#usable(address).map(mirror => mirror.address)
  }

  /** Looks for mirrors unless that was done lately; resolves with the first, or when there is none to wait for. Never rejects. */
  async search(address: FullAddress): Promise<void> {
    const name = formatAddress(address)
    const known = this.#sites.get(name)
    const { first, mirrors } =
      known?.first === undefined ? this.#begin(address, name, known) : known

    if (mirrors.length > 0) return

    const enough = new AbortController()

    await Promise.race([
      first,
      delay(WAIT, undefined, { signal: enough.signal, ref: false }).catch(() => undefined)
    ])
    enough.abort()
  }

  /** The publisher itself says who mirrors its site: they are asked beside those that are found. */
  learn(address: FullAddress, nodes: readonly FullAddress[]): void {
    const name = formatAddress(address)
    const known = this.#sites.get(name) ?? { mirrors: [] }

    for (const node of nodes) this.#add(known.mirrors, { address: node, trust: 0 })
    this.#sites.set(name, known)
  }

  /** A node announces that it mirrors a site, or does so no longer; of use where that site is being read. */
  hear(address: FullAddress, node: FullAddress, isWithdrawn: boolean): void {
    const known = this.#sites.get(formatAddress(address))

    if (known === undefined) return
    if (!isWithdrawn) {
      this.#add(known.mirrors, { address: node, trust: 0 })

      return
    }

    const name = formatAddress(node)
    const at = known.mirrors.findIndex(mirror => formatAddress(mirror.address) === name)

    if (at >= 0) known.mirrors.splice(at, 1)
  }

  close(): void {
    this.#abort.abort()
  }

  /** Without those who lied; those of them who are trusted serve where there is nobody else. */
  #usable(address: FullAddress): readonly Mirror[] {
    const { regard } = this.#options
    const mirrors = this.#sites.get(formatAddress(address))?.mirrors ?? []

    if (regard === undefined) return mirrors

    const usual = mirrors.filter(mirror => regard(mirror.address) === 'usual')

    return usual.length > 0 ? usual : mirrors.filter(mirror => regard(mirror.address) === 'last')
  }

  #add(mirrors: Mirror[], mirror: FoundMirror): void {
    const source = this.#options.sourceOf(mirror.address)

    if (mirrors.some(known => known.source.id === source.id)) return

    mirrors.push({ ...mirror, source })
    mirrors.splice(0, Infinity, ...bestFirst(mirrors).slice(0, MAX_MIRRORS))
  }

  #begin(address: FullAddress, name: string, told: Known | undefined): Known {
    const first = Promise.withResolvers<undefined>()
    const known: Known = { mirrors: told?.mirrors ?? [], first: first.promise }

    this.#sites.set(name, known)
    void this.#gather(address, known, () => first.resolve(undefined)).finally(() => {
      first.resolve(undefined)

      if (known.mirrors.length === 0) {
        this.#sites.set(name, known, { ttl: NONE_FOR })
      }
    })

    return known
  }

  async #gather(address: FullAddress, { mirrors }: Known, onFirst: () => void): Promise<void> {
    const { find } = this.#options
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(FIND_TIMEOUT)])

    try {
      for await (const mirror of find?.(address, { signal }) ?? []) {
        this.#add(mirrors, mirror)
        onFirst()
      }
    } catch {
      // The network cannot be asked: those that are known serve.
    }
  }
}

/** By what is known before they are asked: how far they are, and how far they are trusted. */
function bestFirst(mirrors: readonly Mirror[]): Mirror[] {
  const known = new Map(mirrors.map(mirror => [mirror.source.id, mirror]))
  const evidence = mirrors.map(({ source, trust }) => ({
    trust,
    ...source.standing?.(),
    id: source.id,
    reliability: 1,
    lies: 0
  }))

  return weigh(evidence).flatMap(one => known.get(one.evidence.id) ?? [])
}
