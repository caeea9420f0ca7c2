import type { BlockSource } from '../../../overlay/content/fetch/index.ts'

// Whoever has sent nothing for so long is slow enough to look for others, in ms.
const LATE = 300

// How often that is looked at while a range comes, in ms.
const LOOK_EVERY = 50

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
        const silence = new Silence(onTrouble)

        try {
          for await (const chunk of range(path, start, end, request)) {
            silence.end()
            yield chunk
            silence.begin()
          }
        } catch (error) {
          if (!request.signal.aborted) {
            await onTrouble()
          }

          throw error
        } finally {
          silence.close()
        }
      }
    })
  }
}

/** Tells when chunks that are waited for are late; a timer for each of them would cost as much as passing it on. */
class Silence {
  readonly #timer: NodeJS.Timeout
  #since: number | undefined = performance.now()

  constructor(onTrouble: () => Promise<void>) {
    this.#timer = setInterval(() => {
      if (this.#since !== undefined && performance.now() - this.#since >= LATE) {
        this.#since = undefined
        void onTrouble()
      }
    }, LOOK_EVERY)
  }

  begin(): void {
    this.#since = performance.now()
  }

  end(): void {
    this.#since = undefined
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
