import type { Writable } from 'node:stream'
import type { Entry } from './entry.ts'

/** Where whole batches of lines go; one write at a time. */
export interface Sink {
  /** How many of the bytes were taken, at least one. Rejects where none were. */
  write(bytes: Buffer): Promise<number>
  /** Goes on in a new file of the same name, where there is one. */
  reopen(): Promise<void>
  close(): Promise<void>
}

/**
 * Where the access log goes: the path of a file, `-` for standard output, a stream, or a function that is called with each line, its end
 * included, and with what it was made from.
 */
export type AccessLogDestination = string | Writable | AccessLogFunction

export type AccessLogFunction = (line: string, message: Entry['message']) => void
