/** The part of each day, by the clock of this machine, in which something may be done; minutes since midnight. */
export interface Hours {
  readonly from: number
  /** Not included; before `from` where midnight lies in between. */
  readonly to: number
}

const DAY = 24 * 60
const MINUTE = 60_000

const FORM = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/

/** '01:00-06:00', or '22:30-05:00' over midnight; undefined for what is neither, or is no time at all. */
export function parseHours(text: string): Hours | undefined {
  const [, fromHour, fromMinute, toHour, toMinute] = FORM.exec(text.trim()) ?? []
  const from = Number(fromHour) * 60 + Number(fromMinute)
  const to = Number(toHour) * 60 + Number(toMinute)

  return from >= 0 && to <= DAY && from !== to ? { from, to } : undefined
}

export function formatHours({ from, to }: Hours): string {
  return `${formatMinute(from)}-${formatMinute(to)}`
}

/** How long until the hours begin, in ms; 0 within them. `at` is read as the clock on the wall shows it. */
export function untilHours({ from, to }: Hours, at: Date): number {
  const minute = at.getHours() * 60 + at.getMinutes()
  const isWithin = from < to ? minute >= from && minute < to : minute >= from || minute < to

  if (isWithin) return 0

  const passed = at.getSeconds() * 1000 + at.getMilliseconds()

  return ((from - minute + DAY) % DAY) * MINUTE - passed
}

function formatMinute(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map(part => String(part).padStart(2, '0')).join(':')
}
