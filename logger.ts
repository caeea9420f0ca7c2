import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'
import type { Configuration } from './config/schema.ts'

export type Logger = PinoLogger

export interface LoggerOptions {
  readonly level: Configuration['log']['level']
  /** Lines for a person in place of JSON. */
  readonly pretty?: boolean | undefined
  /** Where to write instead of standard error. */
  readonly destination?: DestinationStream | undefined
}

const STDERR = 2

/** What must not be read in a log, wherever a caller puts it. */
const SECRETS = ['passphrase', 'password', 'authorization', 'cookie'].flatMap(name => [
  name,
  `*.${name}`,
  `*.headers.${name}`
])

/** Writes JSON lines to standard error, or readable ones where that is a terminal. */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? pino.destination({ fd: STDERR, sync: true })

  return pino(
    {
      level: options.level,
      base: null,
      redact: { paths: SECRETS, censor: '(not logged)' },
      serializers: { err: pino.stdSerializers.err }
    },
    options.pretty === true ? { write: line => destination.write(prettyLine(line)) } : destination
  )
}

/** One JSON line as 'HH:MM:SS level component: message key=value'. */
export function prettyLine(line: string): string {
  const { level, time, msg, component, err, ...rest } = readLine(line)
  const name = typeof level === 'number' ? pino.levels.labels[level] : undefined
  const values = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  const words = [
    new Date(Number(time)).toTimeString().slice(0, 8),
    (name ?? 'info').padEnd(5),
    ...(component == null ? [] : [`${textOf(component)}:`]),
    textOf(msg ?? ''),
    ...values,
    ...(err == null ? [] : [`(${messageOf(err)})`])
  ]

  return `${words.join(' ')}\n`
}

function readLine(line: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(line)

  return typeof parsed === 'object' && parsed != null
    ? Object.fromEntries(Object.entries(parsed))
    : {}
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error != null && 'message' in error
    ? textOf(error.message)
    : textOf(error)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
