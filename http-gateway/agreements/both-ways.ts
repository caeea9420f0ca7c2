import type { OwnTree } from '../../overlay/content/index.ts'
import type { CheckedMirror, CheckMirror, CheckThroughOthers, Comparison } from './mirror-check.ts'

/**
 * Compares a mirror through other nodes first, then from here: a mirror that knows this node behaves for it. Ordinary servers, and mirrors that no
 * other node looks at, are compared from here alone.
 */
export async function compareBothWays(
  mirror: CheckedMirror,
  tree: OwnTree,
  { through, direct }: { through: CheckThroughOthers | undefined; direct: CheckMirror },
  signal: AbortSignal
): Promise<Comparison> {
  const { node } = mirror
  const others =
    node === undefined
      ? undefined
      : await through?.({ ...mirror, node }, tree, signal).catch(() => undefined)

  if (others?.isGood === false) return others

  const own = await direct(mirror, tree, signal)

  return { ...own, ranges: own.ranges + (others?.ranges ?? 0) }
}
