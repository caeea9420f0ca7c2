import type { Discovery } from '../discovery/index.ts'
import type { TrustKeeper } from '../discovery/trust/service.ts'
import type { Overlay } from '../overlay/index.ts'

/** How often friends are looked up again, in ms: one who moved is found within this time. */
const INTERVAL = 60_000

/** After a change of trust they are looked up this soon, in ms: changes come many at a time. */
const SOON = 500

/** Friends to whom connections are kept; above them the mesh does as well. */
const MAX_FRIENDS = 32

export interface FriendKeeperOptions {
  readonly overlay: Overlay
  readonly discovery: Discovery
  readonly trust: TrustKeeper
}

/** Keeps connections to those with whom trust is mutual, so that their news come whatever strangers do. */
export class FriendKeeper {
  readonly #options: FriendKeeperOptions
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined

  constructor(options: FriendKeeperOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => void this.#refresh(), INTERVAL).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#soon)
    this.#timer = undefined
  }

  /** Somebody may have become a friend, or is none any more. */
  changed(): void {
    if (this.#timer == null) return

    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      void this.#refresh()
    }, SOON).unref()
  }

  async #refresh(): Promise<void> {
    const { overlay, discovery, trust } = this.#options
    const found = await Promise.allSettled(
      trust
        .friends()
        .slice(0, MAX_FRIENDS)
        .map(async friend => (await discovery.resolve(friend)).record)
    )

    await overlay
      .setFriends(found.flatMap(each => (each.status === 'fulfilled' ? [each.value] : [])))
      // The network is going down, or the peer store; the next round tries again.
      .catch(() => undefined)
  }
}
