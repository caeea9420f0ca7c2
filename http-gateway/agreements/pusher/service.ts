import { errorMessage, type FullAddress } from '../../../identity/index.ts'
import type { OwnTree } from '../../../overlay/content/index.ts'
import { push } from '../pushing/service.ts'
import type { AgreementsOptions } from '../settings.ts'
import { Turns } from '../turns/service.ts'

// Mirrors that are pushed to at once, and how long one push may take, in ms.
const MAX_PUSHES = 2
const PUSH_TIMEOUT = 1_800_000

export interface PusherOptions extends Pick<
  AgreementsOptions,
  'own' | 'put' | 'ownTree' | 'logger'
> {
  readonly signal: AbortSignal
  /** The node of a mirror that lacks something; undefined where there is nothing to be sent. */
  readonly nodeOf: (id: string) => FullAddress | undefined
  /** A mirror has been sent the version of now. */
  readonly onPushed: (id: string) => void
}

/** Sends mirrors what they lack, one push to each at a time and a few in all. */
export class Pusher {
  readonly #options: PusherOptions
  readonly #turns: Turns

  constructor(options: PusherOptions) {
    this.#options = options
    this.#turns = new Turns(MAX_PUSHES, options.signal)
  }

  push(id: string): void {
    const { nodeOf, ownTree } = this.#options
    const node = nodeOf(id)
    const tree = ownTree()

    if (node === undefined || tree === undefined) return

    let seq: number | undefined

    this.#turns.begin(
      id,
      async () => {
        seq = tree.site?.seq
        await this.#pushTo(id, node, tree)
      },
      () => {
        if (tree.site?.seq !== seq) this.push(id)
      }
    )
  }

  /** Resolves when nothing is being sent any more. */
  async ended(): Promise<void> {
    await this.#turns.ended()
  }

  async #pushTo(id: string, node: FullAddress, tree: OwnTree): Promise<void> {
    const { own, put, logger, onPushed, signal } = this.#options
    const within = AbortSignal.any([signal, AbortSignal.timeout(PUSH_TIMEOUT)])
    const seq = tree.site?.seq

    try {
      const outcome = await push({ own, put, tree }, node, within)

      onPushed(id)
      logger.info({ mirror: id, seq, outcome }, 'the site was pushed to a mirror')
    } catch (error) {
      // It fetches the new version when it hears of it.
      logger.info({ mirror: id, seq, reason: errorMessage(error) }, 'a mirror takes no push')
    }
  }
}
