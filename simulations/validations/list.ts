import { ADVOGATO } from './advogato.ts'
import { CHURN_HULL } from './churn-hull.ts'
import { DISJOINT_PATHS } from './disjoint-paths.ts'
import { HOLE_PUNCHING } from './hole-punching.ts'
import { HOPS } from './hops.ts'
import { IPFS } from './ipfs.ts'
import { KLEINBERG } from './kleinberg.ts'
import { LRU } from './lru.ts'
import { ROUTING_MODES } from './routing-modes.ts'
import type { Validation } from './validation.ts'
import { VIVALDI } from './vivaldi.ts'

/** The published results that the simulator gets again. */
export const VALIDATIONS: readonly Validation[] = [
  HOPS,
  ROUTING_MODES,
  IPFS,
  CHURN_HULL,
  DISJOINT_PATHS,
  ADVOGATO,
  VIVALDI,
  LRU,
  KLEINBERG,
  HOLE_PUNCHING
]
