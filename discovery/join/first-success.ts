/**
 * Tries the items in their order, `atOnce` at a time, until one attempt succeeds; those under way then go on unheeded.
 *
 * @throws {AggregateError} where all fail, with the last failures
 */
export async function firstSuccess<T, R>(
  items: readonly T[],
  atOnce: number,
  attempt: (item: T) => Promise<R>
): Promise<R> {
  const queue = items.values()
  let won = false

  return Promise.any(
    Array.from({ length: Math.min(atOnce, items.length) }, async () => {
      let failure: unknown

      for (const item of queue) {
        try {
          const result = await attempt(item)

          won = true

          return result
        } catch (error) {
          failure = error
        }

        if (won) break
      }

      throw failure
    })
  )
}
