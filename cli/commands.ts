import { addAudits } from './audits.ts'
import { addBackup } from './backup.ts'
import { addCache } from './cache.ts'
import { addCompletion } from './completion.ts'
import { addConfig } from './config.ts'
import { addGet } from './get.ts'
import { addId } from './id.ts'
import { addInit } from './init.ts'
import { addMetrics } from './metrics.ts'
import { addMirror } from './mirror.ts'
import { addName } from './name.ts'
import { addPublish } from './publish.ts'
import { addResolve } from './resolve.ts'
import { addSimulate } from './simulate.ts'
import { addStart } from './start.ts'
import { addStatus } from './status.ts'
import { addStop } from './stop.ts'
import { addTrust } from './trust.ts'
import { addUnlock } from './unlock.ts'
import { addVerify } from './verify.ts'
import type { Add } from './program.ts'

/** All that a person can type, in the order of the help. */
export const COMMANDS: readonly Add[] = [
  addInit,
  addStart,
  addPublish,
  addResolve,
  addGet,
  addVerify,
  addStatus,
  addId,
  addConfig,
  addMetrics,
  addBackup,
  addTrust,
  addName,
  addMirror,
  addAudits,
  addCache,
  addUnlock,
  addStop,
  addSimulate,
  addCompletion
]
