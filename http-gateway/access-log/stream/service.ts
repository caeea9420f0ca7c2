import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Sink } from '../destination.ts'

/** A stream of whoever embeds the node; one that has failed takes nothing more, and its end is its owner's. */
export function streamSink(stream: Writable): Sink {
  let failure: Error | undefined

  stream.on('error', error => {
    failure = error
  })

  return {
    write: async bytes => {
      if (failure !== undefined || !stream.writable) {
        throw failure ?? new Error('the stream of the access log has ended')
      }

      if (!stream.write(bytes)) {
        await Promise.race([once(stream, 'drain'), once(stream, 'close')])
      }

      return bytes.length
    },
    reopen: async () => Promise.resolve(),
    close: async () => Promise.resolve()
  }
}
