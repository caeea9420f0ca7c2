import type { Fields } from '../cache/fields.ts'
import { addVia } from '../upstream/via.ts'

/** The fields of an answer as a client of this node gets them: with Via and Server. */
export function finished(fields: Fields, pseudonym: string, server: string): string[] {
  const kept: string[] = []
  let via: string | undefined
  let hasServer = false

  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? ''
    const value = fields[index + 1] ?? ''

    if (name === 'via') {
      via = via === undefined ? value : `${via}, ${value}`
    } else {
      hasServer ||= name === 'server'
      kept.push(name, value)
    }
  }

  if (!hasServer) {
    kept.push('server', server)
  }

  kept.push('via', addVia(via, '1.1', pseudonym))

  return kept
}
