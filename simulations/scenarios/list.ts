import type { Scenario } from '../scenario.ts'
import { BOOTSTRAP } from './bootstrap.ts'
import { CACHE_HIT } from './cache-hit.ts'
import { CAPACITY_PLAN } from './capacity-plan.ts'
import { CHAOS } from './chaos.ts'
import { CHURN } from './churn.ts'
import { ECLIPSE } from './eclipse.ts'
import { FLASH_CROWD } from './flash-crowd.ts'
import { LOOKUP_SCALE } from './lookup-scale.ts'
import { MIRROR_SELECT } from './mirror-select.ts'
import { NAT } from './nat.ts'
import { PARTITION_HEAL } from './partition-heal.ts'
import { PUBLISH_FIND } from './publish-find.ts'
import { PUSH_REPLICATION } from './push-replication.ts'
import { SOCIAL_ROUTING } from './social-routing.ts'
import { SYBIL } from './sybil.ts'
import { TRUST_ATTACK } from './trust-attack.ts'
import { VALIDATION } from './validation.ts'

/** The scenarios that come with the simulator, in the order in which they are listed. */
export const SCENARIOS: readonly Scenario[] = [
  LOOKUP_SCALE,
  CHURN,
  BOOTSTRAP,
  NAT,
  PUBLISH_FIND,
  PARTITION_HEAL,
  ECLIPSE,
  TRUST_ATTACK,
  SYBIL,
  SOCIAL_ROUTING,
  VALIDATION,
  MIRROR_SELECT,
  CACHE_HIT,
  FLASH_CROWD,
  PUSH_REPLICATION,
  CAPACITY_PLAN,
  CHAOS
]
