import { parentPort } from 'node:worker_threads'
import { lookAt } from '../run.ts'
import type { LookJob } from '../job.ts'

/** The thread in which folders are looked at: one job after the other, in their order. */
parentPort?.on('message', (job: LookJob) => {
  try {
    parentPort?.postMessage({ look: lookAt(job) }, [])
  } catch (error) {
    parentPort?.postMessage({ error }, [])
  }
})
