import { errorMessage, formatAddress, type FullAddress } from '../identity/index.ts'
import type { NodeTrust } from './trust.ts'

export interface SuccessionsOptions {
  readonly trust: () => Pick<NodeTrust, 'moveTo'>
  readonly onWarning: (code: string, message: string) => void
}

/** What has ended, and what this node still has to say of it. */
interface Ended {
  readonly ended: FullAddress
  readonly successor: FullAddress | undefined
}

/** Keys of which nothing more is told in one run. */
const MAX_TOLD = 10_000

/** Keys that wait for this node's own to be unlocked. */
const MAX_WAITING = 1000

/** Takes this node's trust from keys that have ended to those that took their place, and tells its owner. */
export class Successions {
  readonly #options: SuccessionsOptions
  readonly #told = new Set<string>()
  readonly #waiting = new Map<string, Ended>()
  #turn: Promise<void> = Promise.resolve()

  constructor(options: SuccessionsOptions) {
    this.#options = options
  }

  /** A key was found to be replaced, as both say, or revoked. */
  heard(ended: FullAddress, successor: FullAddress | undefined): void {
    const name = `${formatAddress(ended)} ${successor == null ? '' : formatAddress(successor)}`

    if (this.#told.has(name) || this.#told.size >= MAX_TOLD) return

    this.#told.add(name)
    this.#options.onWarning(...noticeOf({ ended, successor }))
    this.#inTurn({ ended, successor })
  }

  /** A key names two successors: its owner and whoever stole it. */
  disputed(ended: FullAddress, successors: readonly FullAddress[]): void {
    const name = `${formatAddress(ended)} disputed`

    if (this.#told.has(name) || this.#told.size >= MAX_TOLD) return

    this.#told.add(name)
    this.#options.onWarning(
      'PLEXNET_SUCCESSION_DISPUTED',
      `${formatAddress(ended)} names two successors, ${successors.map(each => formatAddress(each)).join(' and ')}: its key is in two hands, and neither is followed. Ask its owner for the fingerprint; where you trust the wrong one already: plexnet trust remove <full address>`
    )
  }

  /** The own key can sign now. */
  unlocked(): void {
    for (const ended of this.#waiting.values()) this.#inTurn(ended)
    this.#waiting.clear()
  }

  #inTurn(what: Ended): void {
    this.#turn = this.#turn.then(async () => this.#move(what))
  }

  async #move(what: Ended): Promise<void> {
    try {
      await this.#options.trust().moveTo(what.ended, what.successor)
    } catch (error) {
      if (this.#waiting.size < MAX_WAITING) this.#waiting.set(formatAddress(what.ended), what)
      this.#options.onWarning(
        'PLEXNET_SUCCESSION',
        `This node's trust in ${formatAddress(what.ended)} stays as it was: ${errorMessage(error)}`
      )
    }
  }
}

function noticeOf({ ended, successor }: Ended): [code: string, message: string] {
  return successor == null
    ? [
        'PLEXNET_REVOKED',
        `The key of ${formatAddress(ended)} was revoked by its owner: it is not believed any more.`
      ]
    : [
        'PLEXNET_SUCCESSION',
        `${formatAddress(ended)} has a new key, as both keys say: it is now ${formatAddress(successor)}.`
      ]
}
