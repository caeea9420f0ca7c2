export type Attempt<T> = (signal: AbortSignal) => Promise<T>

export interface RaceOptions<T> {
  /** ms until the next attempt starts beside those that run; sooner where one fails */
  readonly stagger: number
  readonly signal: AbortSignal
  /** Takes what comes after the first. */
  readonly discard: (late: T) => void
}

/**
 * The first success of attempts that are started one after the other (RFC 8305 section 5); the others are aborted.
 *
 * @throws {AggregateError} of all failures, in the order in which they came
 */
export async function race<T>(
  attempts: readonly Attempt<T>[],
  { stagger, signal, discard }: RaceOptions<T>
): Promise<T> {
  const losers = new AbortController()
  const both = AbortSignal.any([signal, losers.signal])
  const errors: unknown[] = []
  let timer: NodeJS.Timeout | undefined
  let started = 0

  try {
    return await new Promise((resolve, reject) => {
      const start = (): void => {
        clearTimeout(timer)

        const attempt = both.aborted ? undefined : attempts[started++]

        if (attempt !== undefined) {
          timer = setTimeout(start, stagger)
          attempt(both).then(finish, fail)
        } else if (errors.length === Math.min(started, attempts.length)) {
          reject(new AggregateError(errors))
        }
      }

      const finish = (value: T): void => {
        if (losers.signal.aborted) {
          discard(value)
        } else {
          losers.abort()
          resolve(value)
        }
      }

      const fail = (error: unknown): void => {
        errors.push(error)
        start()
      }

      start()
    })
  } finally {
    clearTimeout(timer)
  }
}
