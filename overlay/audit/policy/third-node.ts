/** A node through which a mirror may be audited. */
export interface Third {
  /** '<uuid>.<fp>'. */
  readonly party: string
  /** How far this node trusts it to tell the truth of mirrors, 0 for a stranger, to 3. */
  readonly trust: number
}

/** Audits without a third node: mirrors would else know that the publisher never asks. */
export const DIRECT = 1 / 8

/** A trusted node is asked so many times as often as a stranger. */
const TRUSTED = 4

/**
 * Who asks in an audit, undefined for this node itself. A mirror that works with a share `c` of the nodes behaves when one of them
 * asks, so that the share that finds it out is `1 - c`.
 */
export function chooseThird(
  candidates: readonly Third[],
  mirror: string,
  random: () => number
): Third | undefined {
  const others = candidates.filter(({ party }) => party !== mirror)

  if (others.length === 0 || random() < DIRECT) return undefined

  const weights = others.map(({ trust }) => (trust > 0 ? TRUSTED : 1))
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0)

  return (
    others.find((_, index) => {
      left -= weights[index] ?? 0

      return left < 0
    }) ?? others.at(-1)
  )
}
