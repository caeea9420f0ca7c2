const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const DAY = '(?:mon|tue|wed|thu|fri|sat|sun)'
const LONG_DAY = '(?:mon|tues|wednes|thurs|fri|satur|sun)day'
const TIME = String.raw`(\d{2}):(\d{2}):(\d{2})`

// RFC 9110 section 5.6.7; upper and lower case are one to a lenient reader, other formats are none.
const FIXED = new RegExp(String.raw`^${DAY}, (\d{2}) ([a-z]{3}) (\d{4}) ${TIME} gmt$`, 'i')
const RFC_850 = new RegExp(String.raw`^${LONG_DAY}, (\d{2})-([a-z]{3})-(\d{2}) ${TIME} gmt$`, 'i')
const ASCTIME = new RegExp(String.raw`^${DAY} ([a-z]{3}) ([ \d]\d) ${TIME} (\d{4})$`, 'i')

const CENTURY = 100
// RFC 9110 section 5.6.7: a year of two digits that seems further ahead is one of the last century.
const YEARS_AHEAD = 50

/** An HTTP date in ms since the epoch; undefined for what is none. */
export function parseDate(text: string | undefined, now: number): number | undefined {
  if (text === undefined) {
    return undefined
  }

  const fixed = FIXED.exec(text)

  if (fixed !== null) {
    return instant(Number(fixed[3]), fixed[2], fixed[1], fixed.slice(4))
  }

  const old = RFC_850.exec(text)

  if (old !== null) {
    return instant(fullYear(Number(old[3]), now), old[2], old[1], old.slice(4))
  }

  const asctime = ASCTIME.exec(text)

  return asctime === null
    ? undefined
    : instant(Number(asctime[6]), asctime[1], asctime[2], asctime.slice(3, 6))
}

function fullYear(twoDigits: number, now: number): number {
  const present = new Date(now).getUTCFullYear()
  const year = present - (present % CENTURY) + twoDigits

  return year > present + YEARS_AHEAD ? year - CENTURY : year
}

function instant(
  year: number,
  monthName = '',
  dayText = '',
  [hours = '', minutes = '', seconds = '']: readonly string[]
): number | undefined {
  const month = MONTHS.indexOf(monthName.toLowerCase())
  const day = Number(dayText)
  const date = Date.UTC(year, month, day, Number(hours), Number(minutes), Number(seconds))

  // Date.UTC turns the 31st of February into a day of March.
  return month >= 0 && new Date(date).getUTCDate() === day && Number(hours) < 24 ? date : undefined
}
