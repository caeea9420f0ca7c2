/** Virtual time is a whole number of ticks; one tick is a microsecond. */
export const MILLISECOND = 1000
export const SECOND = 1000 * MILLISECOND
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** The last tick that the timing wheel can hold: 35 years. */
export const LAST_TICK: number = 2 ** 50 - 1

/** The nearest tick; never in the past, so that rounding cannot turn time back. */
export function ticks(value: number): number {
  return Math.max(0, Math.round(value))
}

/** '1h 02m 03.5s', for people. */
export function describeTicks(value: number): string {
  if (value < SECOND) return `${Number((value / MILLISECOND).toPrecision(3))} ms`
  if (value < MINUTE) return `${Number((value / SECOND).toPrecision(3))} s`

  const hours = Math.floor(value / HOUR)
  const minutes = Math.floor((value % HOUR) / MINUTE)
  const seconds = Math.floor((value % MINUTE) / SECOND)

  return hours > 0
    ? `${hours}h ${padded(minutes)}m ${padded(seconds)}s`
    : `${minutes}m ${padded(seconds)}s`
}

function padded(number: number): string {
  return String(number).padStart(2, '0')
}
