import { CLIENT_FIELD } from './client.ts'

export interface HeadToRelay {
  readonly method: string
  /** 0 for HTTP/1.0. */
  readonly minorVersion: number
  readonly rawHeaders: readonly string[]
}

// Node would send the content of other methods in chunks, and there is none.
const WITHOUT_CONTENT = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'])

// About the connection with the client, which the worker keeps itself.
const PERSISTENCE = new Set(['close', 'keep-alive'])

/** The fields of a request as the main process gets them: as they came, but for the client’s connection, and the client last. */
export function fieldsToMain(
  { method, minorVersion, rawHeaders }: HeadToRelay,
  client: string
): string[] {
  const fields: string[] = []
  const seen = new Set<string>()

  for (const [name, value] of pairs(rawHeaders)) {
    const key = name.toLowerCase()
    const kept = key === 'connection' ? withoutPersistence(value) : value

    // HTTP/1.0 knows no expectation (RFC 9110 section 10.1.1).
    if (kept !== undefined && !(key === 'expect' && minorVersion === 0) && key !== 'keep-alive') {
      fields.push(name, kept)
      seen.add(key)
    }
  }

  // A client of HTTP/1.0 that names no host can only mean this one.
  if (!seen.has('host')) fields.push('Host', 'localhost')

  if (
    !WITHOUT_CONTENT.has(method) &&
    !seen.has('content-length') &&
    !seen.has('transfer-encoding')
  ) {
    fields.push('Content-Length', '0')
  }

  return [...fields, CLIENT_FIELD, client]
}

/** The fields of an answer as the client gets them. */
export function fieldsToClient(rawHeaders: readonly string[], minorVersion: number): string[] {
  return [...pairs(rawHeaders)]
    .filter(([name, value]) => {
      switch (name.toLowerCase()) {
        case 'connection':
          // The main process will not read on, so that nobody can.
          return value.toLowerCase() === 'close'
        case 'keep-alive':
          return false
        case 'transfer-encoding':
          return minorVersion > 0
        default:
          return true
      }
    })
    .flat()
}

/** As they stand in a message. */
export function fieldLines(rawHeaders: readonly string[]): string {
  return [...pairs(rawHeaders)].map(([name, value]) => `${name}: ${value}\r\n`).join('')
}

function withoutPersistence(value: string): string | undefined {
  const options = value
    .split(',')
    .map(option => option.trim())
    .filter(option => option !== '' && !PERSISTENCE.has(option.toLowerCase()))

  return options.length === 0 ? undefined : options.join(', ')
}

function* pairs(raw: readonly string[]): Generator<[string, string]> {
  for (let index = 0; index + 1 < raw.length; index += 2) {
    yield [raw[index] ?? '', raw[index + 1] ?? '']
  }
}
