import { STATUS_CODES, type IncomingHttpHeaders } from 'node:http'
import type { Fields } from '../cache/fields.ts'

/** Status line and fields of an answer whose connection goes on. */
export function answerHead(status: number, fields: Fields): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`

  for (let index = 0; index < fields.length; index += 2) {
    head += `${fields[index]}: ${fields[index + 1]}\r\n`
  }

  return `${head}\r\n`
}

/** The fields of a request whose lines are each begun by CRLF, those of one name joined. */
export function readFields(text: string): IncomingHttpHeaders {
  const headers: Record<string, string> = {}

  for (const line of text.split('\r\n').slice(1)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers[name]

    headers[name] = before === undefined ? value : `${before}, ${value}`
  }

  return headers
}
