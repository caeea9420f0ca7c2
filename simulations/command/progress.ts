import { describeTicks } from '../engine/ticks.ts'
import type { Progress } from '../jobs/job.ts'

const MIB = 2 ** 20

export interface ProgressState {
  readonly progress: Progress
  /** Runs that are over, and all that there are. */
  readonly done: number
  readonly all: number
  /** Workers at once. */
  readonly jobs: number
  /** Events of all runs so far. */
  readonly events: number
  /** Since the beginning, in seconds. */
  readonly seconds: number
  /** In bytes. */
  readonly rss: number
}

/** One line: virtual time, share done, speed, live nodes, memory, and how long it will take. */
export function progressLine(state: ProgressState): string {
  const { progress, done, all, seconds, rss, events } = state
  const share = shareDone(state)

  return [
    all > 1 ? `seed ${progress.seed}, ${done} of ${all} done` : `seed ${progress.seed}`,
    `${describeTicks(progress.now)} of ${describeTicks(progress.until)}`,
    `${Math.floor(share * 100)} %`,
    `${(events / Math.max(seconds, 0.001) / 1e6).toFixed(2)} M events/s`,
    `${progress.liveNodes.toLocaleString('en')} live`,
    `${Math.round(rss / MIB)} MiB`,
    share > 0 && progress.events > 0
      ? `${describeSeconds((seconds / share) * (1 - share))} left`
      : 'building'
  ].join(' · ')
}

function shareDone({ progress, done, all, jobs }: ProgressState): number {
  const underWay = Math.min(jobs, all - done) * (progress.now / progress.until)

  return Math.min(1, (done + underWay) / all)
}

function describeSeconds(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
}
