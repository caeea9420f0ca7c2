import { LRUCache } from 'lru-cache'
import { formatAddress, type FullAddress } from '../identity/index.ts'
import type { NodeMirrors } from './mirroring.ts'

/** How long it is remembered that a node announced itself as a mirror of a site, in ms; and of how many. */
const REMEMBERED_FOR = 3_600_000
const MAX_REMEMBERED = 1000

/** How long mirrors are looked for, in ms. */
const FIND_TIMEOUT = 10_000

/** Who announces in the network that it mirrors a site. */
export class AnnouncedMirrors {
  readonly #mirrors: () => Pick<NodeMirrors, 'mirrorsOf'>
  readonly #known = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: REMEMBERED_FOR })

  constructor(mirrors: () => Pick<NodeMirrors, 'mirrorsOf'>) {
    this.#mirrors = mirrors
  }

  async *of(site: FullAddress): AsyncGenerator<FullAddress> {
    const signal = AbortSignal.timeout(FIND_TIMEOUT)

    for await (const { address } of this.#mirrors().mirrorsOf(site, signal)) {
      // A site is no mirror of itself.
      if (formatAddress(address) === formatAddress(site)) continue

      this.note(site, address)
      yield address
    }
  }

  note(site: FullAddress, mirror: FullAddress): void {
    this.#known.set(keyOf(mirror, site), true)
  }

  async has(mirror: FullAddress, site: FullAddress): Promise<boolean> {
    if (this.#known.has(keyOf(mirror, site))) return true

    for await (const address of this.of(site)) {
      if (formatAddress(address) === formatAddress(mirror)) return true
    }

    return false
  }
}

function keyOf(mirror: FullAddress, site: FullAddress): string {
  return `${formatAddress(site)} ${formatAddress(mirror)}`
}
