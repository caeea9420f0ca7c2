import type { FullAddress } from '../../../identity/index.ts'
import type { PublisherLink } from '../../../overlay/content/index.ts'

// A publisher that has not told its record by then may be off, in ms.
const LATE = 250

/** The way to a publisher; where that is off or slow, its mirrors are looked for beside it, so that they are known when blocks are wanted. */
export function watchedLink(
  link: PublisherLink,
  onTrouble: (address: FullAddress) => Promise<void>
): PublisherLink {
  return {
    ask: async (address, known, options) => {
      const late = setTimeout(() => void onTrouble(address), LATE)

      try {
        return await link.ask(address, known, options)
      } catch (error) {
        void onTrouble(address)

        throw error
      } finally {
        clearTimeout(late)
      }
    }
  }
}
