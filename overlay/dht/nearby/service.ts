import type { AbortOptions, Connection } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { setTimeout as delay } from 'node:timers/promises'
import { nearestPeers } from '../nearest.ts'
import { decodeValue, encodeGetValue } from '../value-message.ts'

/** So many connected peers are asked before a walk through the DHT begins. */
const NEARBY_PEERS = 3

/** The next peer is asked this long after the one before, in ms, or as soon as that one has nothing. */
const HEDGE_DELAY = 25

/** The largest answer that is read, in bytes: a record and the addresses of 20 closer peers. */
const MAX_ANSWER_BYTES = 64 * 1024

/**
 * What the connected peers nearest to a key hold under it: one request where a walk takes nine at once.
 *
 * Undefined where none of them has it within `timeout` ms.
 */
export async function nearbyValue(
  connections: readonly Connection[],
  protocol: string,
  key: Uint8Array,
  options: AbortOptions & { readonly timeout: number }
): Promise<Uint8Array | undefined> {
  const ended = new AbortController()
  const signal = AbortSignal.any([
    AbortSignal.timeout(options.timeout),
    ended.signal,
    ...(options.signal == null ? [] : [options.signal])
  ])
  const open = connections.filter(({ status }) => status === 'open')
  const nearest = nearestPeers(key, open, peerMultihash, NEARBY_PEERS)
  const asked: Promise<Uint8Array>[] = []

  try {
    for (const connection of nearest) {
      const answer = ask(connection, protocol, key, signal)

      asked.push(answer)

      const first = await Promise.race([
        Promise.any(asked).catch(() => undefined),
        answer.catch(() => undefined),
        delay(HEDGE_DELAY, undefined, { signal })
      ])

      if (first != null) return first
    }

    return await Promise.any(asked)
  } catch {
    return undefined
  } finally {
    ended.abort()
    // What is abandoned fails by that signal, and nobody listens any more.
    void Promise.allSettled(asked)
  }
}

async function ask(
  connection: Connection,
  protocol: string,
  key: Uint8Array,
  signal: AbortSignal
): Promise<Uint8Array> {
  const stream = await connection.newStream(protocol, { signal })

  try {
    const messages = lpStream(stream, { maxDataLength: MAX_ANSWER_BYTES })

    await messages.write(encodeGetValue(key), { signal })

    const value = decodeValue((await messages.read({ signal })).subarray())

    if (value == null) throw new Error('This peer has no value under the key.')
    await stream.close({ signal })

    return value
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

function peerMultihash({ remotePeer }: Connection): Uint8Array {
  return remotePeer.toMultihash().bytes
}
