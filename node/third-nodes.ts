import { LRUCache } from 'lru-cache'
import type { Gateway } from '../http-gateway/index.ts'
import { formatAddress, parseFullAddress, type Identity } from '../identity/index.ts'
import type * as Auditing from '../overlay/audit/index.ts'
import { answerSigner } from './answer-signer.ts'
import type { Network } from './network.ts'

export interface ThirdNodesOptions {
  readonly identity: Identity
  readonly gateway: Pick<Gateway, 'fetch'>
  readonly network: Network
  readonly audit: typeof Auditing
}

/** How long another node has to look at a mirror and to tell, in ms. */
const THIRD_TIMEOUT = 60_000

/** A node that does not know this one is not asked again for so long, in ms; and how many are remembered. */
const REFUSED_FOR = 3_600_000
const MAX_REFUSALS = 1000

const STRANGER = 403

/** The nodes through which mirrors are audited: neighbours, and those whom trust leads to. */
export class ThirdNodes {
  readonly #options: ThirdNodesOptions
  readonly #refusals = new LRUCache<string, true>({ max: MAX_REFUSALS, ttl: REFUSED_FOR })
  #issued = 0

  constructor(options: ThirdNodesOptions) {
    this.#options = options
  }

  candidates(): Auditing.Third[] {
    const { identity, network } = this.#options
    const { discovery, trust } = network
    const near = discovery.neighbours().map(({ address }) => address)
    const trusted = trust.ranking('identify').map(({ party }) => parseFullAddress(party))
    const own = formatAddress(identity.address)

    return [...new Map([...near, ...trusted].map(one => [formatAddress(one), one]))]
      .filter(([party]) => party !== own && !this.#refusals.has(party))
      .map(([party, address]) => ({ party, trust: trust.level('mirror', address) }))
  }

  /**
   * Has another node look at a mirror, and tells what it says that it saw.
   *
   * @throws where it does not do it, or says what makes no sense
   */
  async look(
    { party }: Auditing.Third,
    asked: Auditing.Asked,
    signal: AbortSignal
  ): Promise<Auditing.Observation> {
    const { audit, gateway } = this.#options
    const third = parseFullAddress(party)
    const { status, body } = await gateway.fetch(third, '/.well-known/plexnet/audit', {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.plexnet.audit' },
      content: await this.#requestFor({ ...asked, third }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(THIRD_TIMEOUT)])
    })

    try {
      if (status !== 200) {
        if (status === STRANGER) this.#refusals.set(party, true)
        throw new Error(`The node answers a request to look at a mirror with ${status}.`)
      }

      return audit.readObservation(await readAll(body, audit.MAX_OBSERVATION_BYTES))
    } finally {
      body.destroy()
    }
  }

  async #requestFor(
    asked: Omit<Parameters<typeof Auditing.signAuditRequest>[0], 'issued'>
  ): Promise<Uint8Array> {
    const { identity, network, audit } = this.#options
    const record = network.discovery.ownRecord

    if (record == null) throw new Error('This node has no record yet.')

    this.#issued = Math.max(Date.now(), this.#issued + 1)

    const { sign } = await answerSigner(identity)

    return audit.signAuditRequest({ ...asked, issued: this.#issued }, record.bytes, sign)
  }
}

async function readAll(body: AsyncIterable<unknown>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let length = 0

  for await (const chunk of body) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))

    length += bytes.length
    if (length > maxBytes) throw new Error('The node tells too much of a mirror.')
    chunks.push(bytes)
  }

  return Buffer.concat(chunks)
}
