import { pino } from 'pino'
import type { FastifyBaseLogger } from 'fastify'
import type { LogLevel, Told } from '../messages.ts'

/** A logger whose entries the main process writes, so that lines of several processes are not torn. */
export function relayingLogger(level: string, tell: (told: Told) => void): FastifyBaseLogger {
  return pino(
    { level, base: null, timestamp: false, serializers: { err: pino.stdSerializers.err } },
    {
      write: line => {
        const entry: unknown = JSON.parse(line)

        if (typeof entry === 'object' && entry !== null) tell(toldOf(Object.entries(entry)))
      }
    }
  )
}

function toldOf(values: readonly [string, unknown][]): Told {
  const { level, msg, ...entry } = Object.fromEntries(values)

  return { tell: 'log', level: levelOf(level), entry, text: typeof msg === 'string' ? msg : '' }
}

function levelOf(level: unknown): LogLevel {
  const name = typeof level === 'number' ? pino.levels.labels[level] : undefined

  switch (name) {
    case 'trace':
    case 'debug':
    case 'warn':
    case 'error':
    case 'fatal':
      return name
    case undefined:
    default:
      return 'info'
  }
}
