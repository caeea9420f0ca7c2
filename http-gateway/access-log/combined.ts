import type { Format } from './entry.ts'
import { escapeText } from './escape.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * The combined log format of Apache and nginx: `%h - - %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"`. Times are in UTC.
 * A client without an address, and a request that could not be read, are `-`.
 */
export const combinedLine: Format = ({ kind, message }, address) => {
  const { remoteAddress, at, status, bytes } = message
  const begin = `${address(remoteAddress) || '-'} - - [${clock(at)}]`
  const result = `${status} ${bytes === 0 ? '-' : bytes}`

  if (kind === 'parse-error') {
    return `${begin} "-" ${result} "-" "-"\n`
  }

  const { method, target, version, referer, userAgent } = message
  const request = escapeText(`${method} ${target} HTTP/${version}`)

  return `${begin} "${request}" ${result} "${quoted(referer)}" "${quoted(userAgent)}"\n`
}

function quoted(text: string | undefined): string {
  return text === undefined || text === '' ? '-' : escapeText(text)
}

let known = { second: NaN, text: '' }

/** '10/Oct/2000:13:55:36 +0000'; most lines are of the same second as the one before. */
function clock(at: number): string {
  const second = Math.floor(at / 1000)

  if (second !== known.second) {
    known = { second, text: formatClock(new Date(second * 1000)) }
  }

  return known.text
}

function formatClock(date: Date): string {
  const [day, month, year] = [date.getUTCDate(), date.getUTCMonth(), date.getUTCFullYear()]
  const time = date.toISOString().slice(11, 19)

  return `${String(day).padStart(2, '0')}/${MONTHS[month]}/${year}:${time} +0000`
}
