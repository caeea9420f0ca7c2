/**
 * The bucket whose contacts come next in distance to a target, after those of `bucket`; -1 after the last. A table begins with `home`, the bucket
 * that the target itself would stand in. Its contacts share no bit with the target beyond those that the owner shares; of the
 * inner buckets those come first, outermost first, whose bit the target has too, then the innermost, then the others back out, and then all outside of `home`.
 *
 * @param away the target's id XOR the owner's
 */
export function nextBucket(bucket: number, home: number, last: number, away: number): number {
  if (bucket < home) return bucket - 1

  if (bucket === home || (bucket < last && hasBit(away, bucket))) {
    for (let inner = bucket + 1; inner < last; inner += 1) if (hasBit(away, inner)) return inner
    if (home < last) return last
  }
  for (let outer = bucket - 1; outer > home; outer -= 1) if (!hasBit(away, outer)) return outer

  return home - 1
}

/** The bucket that a target stands in. */
export function homeBucket(last: number, away: number): number {
  return Math.min(Math.clz32(away), last)
}

function hasBit(away: number, bit: number): boolean {
  return away << bit < 0
}
