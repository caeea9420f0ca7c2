import type { Message } from '../events/messages.ts'

/** What a line of the log is made from: an answered request, or the refusal of what was none. */
export type Entry =
  | { readonly kind: 'request'; readonly message: Message<'request'> }
  | { readonly kind: 'parse-error'; readonly message: Message<'parse-error'> }

/** One line, its end included. */
export type Format = (entry: Entry, address: (full: string) => string) => string
