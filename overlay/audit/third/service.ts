import { errorMessage, formatAddress, type FullAddress } from '../../../identity/index.ts'
import { InvalidAuditRequestError } from '../errors.ts'
import type { Asked } from '../auditor/service.ts'
import { Admission, type Refusal } from './admission.ts'
import { encodeObservation, type Observation } from './observation.ts'
import { openAuditRequest, type OpenedRequest } from './request.ts'

export interface LookingForOthersOptions {
  readonly own: FullAddress
  /** Whether this node looks at mirrors for one that asks about a site. */
  readonly isKnown: (auditor: FullAddress, site: FullAddress) => Promise<boolean>
  /** Whether a node announces that it mirrors a site. */
  readonly isMirrorOf: (mirror: FullAddress, site: FullAddress) => Promise<boolean>
  readonly look: (asked: Asked) => Promise<Observation>
}

/** What is answered to a request. */
export type Looked =
  | { readonly kind: 'seen'; readonly observation: Uint8Array }
  | {
      readonly kind: 'malformed' | 'stranger' | 'seen-before' | 'busy' | 'elsewhere'
      readonly reason: string
    }

const REASONS: Record<Refusal, Extract<Looked, { reason: string }>> = {
  stranger: { kind: 'stranger', reason: 'This node looks at mirrors for nodes that it knows' },
  seen: { kind: 'seen-before', reason: 'This request, or a later one, was carried out already' },
  busy: { kind: 'busy', reason: 'This node has looked at enough mirrors for others just now' }
}

const BUSY = REASONS.busy

/**
 * Reads from mirrors for other nodes. It is no proxy for them: it asks none but nodes that announce themselves as mirrors of the site, over
 * connections that prove who they are or at the addresses of those, for nothing but what a site has, seldom, and passes on what they signed and not what they sent.
 */
export class LookingForOthers {
  readonly #options: LookingForOthersOptions
  readonly #admission = new Admission(Date.now())

  constructor(options: LookingForOthersOptions) {
    this.#options = options
  }

  /** Never rejects. */
  async look(bytes: Uint8Array): Promise<Looked> {
    const now = Date.now()

    if (!this.#admission.mayLook(now)) return BUSY

    try {
      const request = openAuditRequest(bytes, { third: this.#options.own, now })

      return (await this.#refusal(request, now)) ?? (await this.#carryOut(request))
    } catch (error) {
      return error instanceof InvalidAuditRequestError
        ? { kind: 'malformed', reason: error.message.replace(/\.$/, '') }
        : { kind: 'busy', reason: errorMessage(error).replace(/\.$/, '') }
    }
  }

  async #refusal(request: OpenedRequest, now: number): Promise<Looked | undefined> {
    const { auditor, site, mirror, issued } = request
    const { own, isKnown, isMirrorOf } = this.#options
    const isHere = formatAddress(mirror) === formatAddress(own)
    const refusal = this.#admission.refusal(
      {
        auditor: formatAddress(auditor.address),
        mirror: formatAddress(mirror),
        issued
      },
      { isKnown: await isKnown(auditor.address, site) },
      now
    )

    if (refusal != null) return REASONS[refusal]

    return isHere || !(await isMirrorOf(mirror, site))
      ? { kind: 'elsewhere', reason: 'That node does not announce that it mirrors that site' }
      : undefined
  }

  async #carryOut({ site, mirror, blocks, documents }: OpenedRequest): Promise<Looked> {
    const observation = await this.#options.look({ site, mirror, blocks, documents })

    return { kind: 'seen', observation: encodeObservation(observation) }
  }
}
