import type { BlockSource } from '../../../overlay/content/fetch/index.ts'

// Whoever has sent nothing for so long is slow enough to look for others, in ms.
const LATE = 300

/** A source that tells when it fails, is late, or does not have what it is asked for; it fails once those who were told are done. */
export function watched(source: BlockSource, onTrouble: () => Promise<void>): BlockSource {
  const { id, kind } = source
  const standing = source.standing?.bind(source)
  const block = source.block?.bind(source)
  const range = source.range?.bind(source)
  const watch = async <T>(
    answer: Promise<T>,
    isTrouble: (value: T) => boolean,
    signal: AbortSignal
  ): Promise<T> => {
    const late = setTimeout(() => void onTrouble(), LATE)

    try {
      const value = await answer

      if (isTrouble(value)) {
        await onTrouble()
      }

      return value
    } catch (error) {
      // What is not wanted any more is no trouble.
      if (!signal.aborted) {
        await onTrouble()
      }

      throw error
    } finally {
      clearTimeout(late)
    }
  }

  return {
    id,
    kind,
    ...(standing && { standing }),
    ...(block && {
      block: async (cid, request) =>
        watch(block(cid, request), bytes => bytes === undefined, request.signal)
    }),
    ...(range && {
      range: async function* (path, start, end, request) {
        const chunks = range(path, start, end, request)[Symbol.asyncIterator]()

        try {
          for (;;) {
            const { done, value } = await watch(chunks.next(), () => false, request.signal)

            if (done === true) {
              return
            }

            yield value
          }
        } finally {
          await chunks.return?.()
        }
      }
    })
  }
}
