import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { RunError } from '../errors.ts'
import { findScenario } from '../find-scenario/service.ts'
import type { Run } from '../scenario.ts'
import type { Job, Played, Progress, WorkerMessage } from './job.ts'

/** Events between two looks at the clock and at whether to stop. */
const SLICE = 20_000

/** Between two reports of a worker, in ms. */
const REPORT_INTERVAL = 200

/** The heap of a worker, in MiB: a young generation large enough for short-lived results, and an old one for a million nodes' odds and ends. */
const YOUNG_GENERATION = 64
const OLD_GENERATION = 6144

/** What tells a module that runs in a worker that it is one of these. */
const MARK = 'plexnet-simulation'

export interface JobOptions {
  /** Workers at once. */
  readonly jobs: number
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
  readonly onPlayed?: (played: Played, index: number) => void
}

/**
 * Plays jobs in worker threads. When the signal is given, what is under way ends with what there is, and the rest is not begun.
 *
 * @throws RunError
 * @returns in the order of the jobs, without those that were not begun
 */
export async function playJobs(jobs: readonly Job[], options: JobOptions): Promise<Played[]> {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const results: (Played | undefined)[] = jobs.map(() => undefined)
  const queue = jobs.entries()
  const onAbort = (): void => void Atomics.store(stop, 0, 1)

  options.signal?.addEventListener('abort', onAbort)

  const workers = Array.from({ length: Math.min(options.jobs, jobs.length) }, () =>
    startWorker(stop)
  )

  try {
    await Promise.all(
      workers.map(async worker => {
        for (const [index, job] of queue) {
          if (options.signal?.aborted === true) return

          const played = await playIn(worker, job, options.onProgress)

          results[index] = played
          options.onPlayed?.(played, index)
        }
      })
    )
  } finally {
    options.signal?.removeEventListener('abort', onAbort)
    await Promise.all(workers.map(async worker => worker.terminate()))
  }

  return results.filter(played => played != null)
}

function startWorker(stop: Int32Array): Worker {
  return new Worker(new URL(import.meta.url), {
    workerData: { mark: MARK, stop },
    resourceLimits: {
      maxYoungGenerationSizeMb: YOUNG_GENERATION,
      maxOldGenerationSizeMb: OLD_GENERATION
    }
  })
}

async function playIn(
  worker: Worker,
  job: Job,
  onProgress?: (progress: Progress) => void
): Promise<Played> {
  const { promise, resolve, reject } = Promise.withResolvers<Played>()
  const onMessage = (message: WorkerMessage): void => {
    if (message.kind === 'progress') onProgress?.(message.progress)
    else if (message.kind === 'played') resolve(message.played)
    else reject(Object.assign(new RunError(message.error.message), message.error))
  }
  const onError = (error: unknown): void =>
    reject(
      new RunError(`seed ${job.seed} of ${job.scenario} broke off: ${String(error)}`, {
        cause: error
      })
    )

  worker.on('message', onMessage)
  worker.once('error', onError)
  worker.postMessage(job, [])

  try {
    return await promise
  } finally {
    worker.off('message', onMessage)
    worker.off('error', onError)
  }
}

/** Plays one run to its end, or until `isStopped`; a `progress` now and then. */
export async function play(
  job: Job,
  isStopped: () => boolean,
  onProgress: (progress: Progress) => void
): Promise<Played> {
  const scenario = await findScenario(job.scenario)
  const run = scenario.begin({ seed: job.seed, values: job.values, files: job.files })
  let reported = performance.now()
  let isComplete = false

  while (!isComplete && !isStopped()) {
    isComplete = !run.advance(SLICE)

    if (performance.now() - reported >= REPORT_INTERVAL) {
      reported = performance.now()
      onProgress(progressOf(job.seed, run))
    }
  }
  onProgress(progressOf(job.seed, run))

  return {
    seed: job.seed,
    outcome: run.outcome(),
    traceHash: run.trace.hash,
    events: run.trace.events,
    until: run.until,
    ended: run.now,
    isComplete,
    ...(run.violation == null ? {} : { violation: run.violation })
  }
}

function progressOf(seed: number, { now, until, liveNodes, trace }: Run): Progress {
  return { seed, now, until, events: trace.events, liveNodes }
}

function serve(stop: Int32Array): void {
  parentPort?.on('message', (job: Job) => {
    play(
      job,
      () => Atomics.load(stop, 0) === 1,
      progress => post({ kind: 'progress', progress })
    ).then(
      played => post({ kind: 'played', played }),
      (error: unknown) => post({ kind: 'failed', error: failureOf(error, job) })
    )
  })
}

function post(message: WorkerMessage): void {
  parentPort?.postMessage(message, [])
}

function failureOf(error: unknown, job: Job): { message: string; code?: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  const message = error instanceof Error ? error.message : String(error)

  return code == null
    ? { message: `seed ${job.seed} of ${job.scenario} broke off: ${message}` }
    : { message, code }
}

if (!isMainThread && workerData?.mark === MARK) serve(workerData.stop)
