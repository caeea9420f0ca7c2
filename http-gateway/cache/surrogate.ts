import { splitList, type Directives } from './directives.ts'

/** The name by which an origin may address this cache in Surrogate-Control. */
export const SURROGATE = 'plexnet'

const MEMBER = /^(max-age)=(\d+)(?:\+(\d+))?$|^(no-store|no-store-remote)$/i

/**
 * What a Surrogate-Control field says to this cache: directives without a target, and those with its name as one (W3C Note “Edge Architecture
 * Specification”, section 2). Undefined where it says nothing.
 */
export function readSurrogateControl(field: string | undefined): Directives | undefined {
  const directives = new Map<string, string | undefined>()

  for (const member of splitList(field ?? '')) {
    const [directive = '', ...targets] = member.split(';').map(part => part.trim())
    const [, maxAge, seconds, stale, noStore] = MEMBER.exec(directive) ?? []

    if (targets.length > 0 && !targets.includes(SURROGATE)) {
      continue
    }

    if (maxAge !== undefined) {
      directives.set('max-age', seconds)
    }

    if (stale !== undefined) {
      directives.set('stale-while-revalidate', stale)
    }

    if (noStore !== undefined) {
      directives.set('no-store', undefined)
    }
  }

  return directives.size > 0 ? directives : undefined
}
