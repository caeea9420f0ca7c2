import type { TrustLevel } from '../../../identity/trust/domain.ts'

/** How a node that was shown to have lied is read from: it may not be where it is a stranger, and last where it is trusted. */
export type Regard = 'usual' | 'last' | 'never'

/**
 * `isWronged`: the lie was about one's own site. Whoever is trusted to mirror may have a broken disk and an owner who can be spoken
 * to; each block is checked whoever sends it.
 */
export function regardFor(
  trust: TrustLevel,
  { hasLied, isWronged = false }: { readonly hasLied: boolean; readonly isWronged?: boolean }
): Regard {
  if (!hasLied) return 'usual'

  return trust === 0 || isWronged ? 'never' : 'last'
}
