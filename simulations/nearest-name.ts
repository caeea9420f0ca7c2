/** Differences beyond which two names have nothing to do with each other. */
const FAR = 4

/** The one of `names` that was probably meant, or undefined. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map(name => ({ name, differences: differencesOf(typed, name) }))
    .toSorted((a, b) => a.differences - b.differences)

  return best != null && best.differences <= Math.min(FAR, typed.length) ? best.name : undefined
}

/** Levenshtein's distance. */
function differencesOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)

  for (let at = 1; at <= one.length; at += 1) {
    const next = [at]

    for (let to = 1; to <= other.length; to += 1) {
      const change = one[at - 1] === other[to - 1] ? 0 : 1

      next.push(Math.min(row[to]! + 1, next[to - 1]! + 1, row[to - 1]! + change))
    }
    row = next
  }

  return row.at(-1)!
}
