/** Names further away than this many edits, or than a third of their length, are no help. */
const MAX_EDITS = 6

/** The known name that takes the fewest edits to reach, if one is near enough to have been meant. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const limit = Math.min(MAX_EDITS, Math.ceil(name.length / 3))
  const ranked = [...known]
    .map(candidate => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .toSorted((a, b) => a.edits - b.edits)

  return ranked[0]?.candidate
}

/** Levenshtein distance, one row at a time. */
function distance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)

  for (const [row, letter] of Array.from(from).entries()) {
    const line = [row + 1]

    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1)
      line.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1))
    }
    above = line
  }

  return above[to.length] ?? 0
}
