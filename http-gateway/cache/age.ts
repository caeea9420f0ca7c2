import { parseDate } from './dates.ts'
import { splitList } from './directives.ts'
import { valueOf, type Fields } from './fields.ts'

/** When a request went out and when the head of its response came, in ms since the epoch. */
export interface Times {
  readonly sent: number
  readonly received: number
}

/** How old a response was when it came, in seconds: `corrected_initial_age` of RFC 9111 section 4.2.3. */
export function initialAge(fields: Fields, { sent, received }: Times): number {
  const date = parseDate(valueOf(fields, 'date'), received) ?? received
  const apparent = Math.max(0, (received - date) / 1000)
  const corrected = ageField(fields) + (received - sent) / 1000

  return Math.max(apparent, corrected)
}

/** RFC 9111 section 5.1: the first of several counts, and what is no number is ignored. */
function ageField(fields: Fields): number {
  const [first = ''] = splitList(valueOf(fields, 'age') ?? '')

  return /^\d+$/.test(first) ? Math.min(Number(first), 2 ** 31) : 0
}
