import type { FullAddress } from '../../../../identity/index.ts'
import type { Standing } from '../../../../overlay/content/fetch/index.ts'
import type { Content } from '../../content.ts'

// How long an answer counts, in ms: a reader asks for every block.
const VALID_FOR = 1000

/** What is known of a node besides what was asked of it, looked up now and then; undefined where nobody knows. */
export function standingFor(
  { standingOf }: Pick<Content, 'standingOf'>,
  address: FullAddress
): (() => Standing) | undefined {
  if (standingOf === undefined) {
    return undefined
  }

  let known = standingOf(address)
  let until = performance.now() + VALID_FOR

  return () => {
    const now = performance.now()

    if (now >= until) {
      known = standingOf(address)
      until = now + VALID_FOR
    }

    return known
  }
}
