import type { FullAddress } from '../../../../identity/index.ts'
import type {
  DocumentAsked,
  DocumentSeen,
  Observation,
  SignedAnswer
} from '../../../../overlay/audit/index.ts'
import type { HttpGet } from '../../../../overlay/content/fetch/index.ts'
import { isAllowedPlace } from '../../../agreements/allowed-place.ts'
import type { GatewayLimits } from '../../../config.ts'
import { WebClient } from '../../../upstream/sources/web/service.ts'
import { signedGetter } from '../../asking/signed-getter.ts'
import { lookAtDocuments } from '../documents/service.ts'
import { MirrorPlaces } from '../places/service.ts'
import { lookAt, type Look } from '../service.ts'

export interface MirrorLookingOptions {
  /** How a node is asked over a connection that proves who it is. */
  readonly getter: (address: FullAddress) => HttpGet
  /** An answer of a mirror shows a lie of it. */
  readonly onLie: (mirror: FullAddress, lie: SignedAnswer) => void
  readonly limits: GatewayLimits
  /** Mirrors may have addresses of this machine and of private networks. */
  readonly allowPrivate: () => boolean
}

/** Asks mirrors as readers with a node do, and as any other client. */
export class MirrorLooking {
  readonly #options: MirrorLookingOptions
  readonly #web: WebClient
  readonly #places: MirrorPlaces

  constructor(options: MirrorLookingOptions) {
    const { getter, limits, allowPrivate } = options
    const web = new WebClient({ limits, allowPrivate: allowPrivate(), anyCertificate: true })

    this.#options = options
    this.#web = web
    this.#places = new MirrorPlaces({
      nodeGetter: getter,
      webGetter: url => web.getterFor(url),
      isAllowed: uri => isAllowedPlace(uri, allowPrivate())
    })
  }

  async lookAt(look: Look, signal?: AbortSignal): Promise<Observation> {
    const { getter, onLie } = this.#options
    const get = signedGetter(getter(look.mirror), lie => onLie(look.mirror, lie))

    return lookAt(get, look, async (...asked) => this.#lookByPath(look, ...asked), signal)
  }

  async close(): Promise<void> {
    await this.#web.close()
  }

  async #lookByPath(
    { site, mirror }: Look,
    documents: readonly DocumentAsked[],
    signal: AbortSignal
  ): Promise<DocumentSeen[]> {
    const place = await this.#places.of(site, mirror, signal).catch(() => undefined)

    if (place === undefined) return documents.map(() => ({ seen: 'unasked' as const }))

    const seen = await lookAtDocuments(place, site, documents, signal)

    if (seen.at(-1)?.seen === 'failed') this.#places.forget(site, mirror)

    return seen
  }
}
