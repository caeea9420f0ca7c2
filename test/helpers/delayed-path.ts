import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

interface Teardown {
  teardown(act: () => void): void
}

/** A long line to a server: what comes in at one end goes out at the other half a round trip later, in both directions. */
export interface DelayedPath {
  /** `https://127.0.0.1:PORT`, where it begins. */
  readonly url: string
  /** That came back from the server so far. */
  readonly bytes: number
  /** Once so many more have come back nothing comes through any more, and no connection is closed. */
  silenceAfter(bytes: number): void
}

/** @param roundTrip in ms */
export async function startDelayedPath(
  t: Teardown,
  to: string | undefined,
  roundTrip: number
): Promise<DelayedPath> {
  const open = new Set<Socket>()
  const { port } = new URL(to ?? '')
  let bytes = 0
  let end = Number.POSITIVE_INFINITY
  const later = (act: () => void): void => {
    setTimeout(() => {
      if (bytes < end) act()
    }, roundTrip / 2)
  }
  const carry = (source: Socket, target: Socket, count: (length: number) => void): void => {
    open.add(source)
    source.setNoDelay(true)
    source.on('data', chunk => {
      count(chunk.length)
      later(() => target.write(chunk))
    })
    source.on('end', () => later(() => target.end()))
    source.on('error', () => target.destroy())
  }
  const server = createServer({ allowHalfOpen: true }, near => {
    const far = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true })

    carry(near, far, () => undefined)
    carry(far, near, length => {
      if (bytes < end) bytes += length
    })
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })

  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get bytes() {
      return bytes
    },
    silenceAfter: more => {
      end = bytes + more
    }
  }
}
