/** Deeper trees were not made by people. */
export const MAX_DEPTH = 64

/** How a folder's entries are chosen in one descent: each alike, or by the bytes below them. */
export type Weighing = 'alike' | 'by-size'

/** How the entries are chosen in this descent: half of all take each alike. */
export function drawWeighing(random: () => number): Weighing {
  return random() < 1 / 2 ? 'alike' : 'by-size'
}

/** The index of one child, -1 where there is nothing to draw from. Sizes are in bytes; what is empty, or tells none, counts as 1. */
export function drawChild(
  children: readonly { readonly size?: number | undefined }[],
  weighing: Weighing,
  random: () => number
): number {
  if (weighing === 'alike')
    return children.length === 0 ? -1 : Math.floor(random() * children.length)

  const total = children.reduce((sum, { size = 1 }) => sum + Math.max(1, size), 0)
  let left = random() * total

  return children.findIndex(({ size = 1 }) => {
    left -= Math.max(1, size)

    return left < 0
  })
}
