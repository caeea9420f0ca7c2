import { untilHours, type Hours } from './hours.ts'

/** What the mirroring of one site, or of all together, may take of the line to the network. */
export interface PaceLimits {
  /** In bytes a second. */
  readonly rate?: number | undefined
  readonly hours?: Hours | undefined
}

/** What is asked to change: undefined leaves it as it is, 'none' takes a limit away. */
export interface PaceChange {
  readonly rate?: number | 'none' | undefined
  readonly hours?: Hours | 'none' | undefined
}

export function changedLimits({ rate, hours }: PaceLimits, change: PaceChange): PaceLimits {
  return { rate: changed(rate, change.rate), hours: changed(hours, change.hours) }
}

/** How long until all of them let something pass at all, in ms. */
export function untilAllowed(limits: readonly PaceLimits[], at: Date): number {
  return Math.max(0, ...limits.map(({ hours }) => (hours == null ? 0 : untilHours(hours, at))))
}

function changed<T>(value: T | undefined, change: T | 'none' | undefined): T | undefined {
  if (change === 'none') return undefined

  return change ?? value
}
