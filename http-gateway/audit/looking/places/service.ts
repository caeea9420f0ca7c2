import { LRUCache } from 'lru-cache'
import { formatAddress, type FullAddress } from '../../../../identity/index.ts'
import { askForProof, type ProofOptions } from '../../../agreements/proof/service.ts'

// How long places are remembered, in ms, and of how many: a mirror that is asked for them each time would know what comes next.
const REMEMBERED_FOR = 3_600_000
const MAX_REMEMBERED = 200

// How soon a mirror without places is asked again, in ms.
const NONE_FOR = 60_000

/** Where mirrors can be asked by any HTTP client: places that give the mirror's own signed word, so that nobody is sent to somebody else's server. */
export class MirrorPlaces {
  readonly #options: Omit<ProofOptions, 'own'>
  readonly #known = new LRUCache<string, readonly URL[]>({
    max: MAX_REMEMBERED,
    ttl: REMEMBERED_FOR
  })

  constructor(options: Omit<ProofOptions, 'own'>) {
    this.#options = options
  }

  /** One that needs no TLS before others, as links name it; undefined where there is none. Rejects where the mirror does not say. */
  async of(site: FullAddress, mirror: FullAddress, signal: AbortSignal): Promise<URL | undefined> {
    const key = `${formatAddress(site)} ${formatAddress(mirror)}`
    const places = this.#known.get(key) ?? (await this.#read(site, mirror, signal))

    this.#known.set(key, places, places.length === 0 ? { ttl: NONE_FOR } : {})

    return places.find(({ protocol }) => protocol === 'http:') ?? places[0]
  }

  /** It may have moved. */
  forget(site: FullAddress, mirror: FullAddress): void {
    this.#known.delete(`${formatAddress(site)} ${formatAddress(mirror)}`)
  }

  async #read(
    site: FullAddress,
    mirror: FullAddress,
    signal: AbortSignal
  ): Promise<readonly URL[]> {
    const proof = await askForProof(mirror, { ...this.#options, own: site }, signal)

    return proof.kind === 'none' ? [] : proof.uris.flatMap(uri => URL.parse(uri) ?? [])
  }
}
