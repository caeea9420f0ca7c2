import { once } from 'node:events'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import type { Connection, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import test, { type ExecutionContext } from 'ava'
import { createLibp2p, type Libp2p } from 'libp2p'
import { MAX_NODE_RECORD_BYTES, type PeerContact } from '../../discovery/index.ts'
import { requestRecord } from '../../overlay/record-exchange/service.ts'
import { newPeople, startNode } from '../helpers/network.ts'

const PROTOCOL = '/plexnet/record/1.0.0'
const people = newPeople(2)

test('a node gives its own record to a peer that asks', async t => {
  const [one, other] = await people
  const asked = await startNode(t, one == null ? {} : { person: one })
  const asking = await startNode(t, other == null ? {} : { person: other })
  const { peerId, multiaddrs } = asked.overlay

  t.deepEqual(
    new Uint8Array(await asking.overlay.askForRecord({ peerId, multiaddrs })),
    asked.discovery.ownRecord?.bytes
  )
})

test('a node without a record says so', async t => {
  const [one, other] = await people
  const asked = await startNode(t, { locked: true, ...(one == null ? {} : { person: one }) })
  const asking = await startNode(t, other == null ? {} : { person: other })
  const { peerId, multiaddrs } = asked.overlay

  await t.throwsAsync(asking.overlay.askForRecord({ peerId, multiaddrs }), {
    message: 'The peer has no record of itself.'
  })
})

test('a record that came whole together with the answer to the protocol name is not taken for none', async t => {
  const stream = new EndedStream(new Uint8Array([1, 2, 3]))
  const connection = { newStream: async () => Promise.resolve(stream) }

  t.deepEqual(
    new Uint8Array(await requestRecord(connection as unknown as Connection)),
    new Uint8Array([1, 2, 3])
  )
})

/** As libp2p's streams are when the end has been seen and bytes were put back by the negotiation. */
class EndedStream extends EventTarget {
  readonly readableEnded = true
  readonly status = 'open'
  readonly #buffered: Uint8Array

  constructor(buffered: Uint8Array) {
    super()
    this.#buffered = buffered
  }

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    super.addEventListener(...args)
    if (args[0] !== 'message') return

    queueMicrotask(() =>
      this.dispatchEvent(Object.assign(new Event('message'), { data: buffer(this.#buffered) }))
    )
  }

  async close(): Promise<void> {
    return Promise.resolve()
  }
}

function buffer(bytes: Uint8Array): { byteLength: number; subarray: () => Uint8Array } {
  return { byteLength: bytes.length, subarray: () => bytes }
}

const LIARS: Record<string, { answer: (stream: Stream) => void; message: string | RegExp }> = {
  'an answer over the limit is refused': {
    answer: stream => void stream.send(new Uint8Array(MAX_NODE_RECORD_BYTES + 1)),
    message: `The peer sends more than ${MAX_NODE_RECORD_BYTES} bytes.`
  },
  'an answer without end is refused': {
    answer: stream => void stream.send(new Uint8Array(4 * 1024 * 1024)),
    message: `The peer sends more than ${MAX_NODE_RECORD_BYTES} bytes.`
  },
  'a silent peer is given up': {
    answer: () => undefined,
    message: 'The peer did not send its record in time.'
  },
  'a peer that stalls after a part is given up': {
    answer: stream => void stream.send(new Uint8Array(10)),
    message: 'The peer did not send its record in time.'
  },
  'a peer that breaks off at once is no peer without a record': {
    answer: stream => stream.abort(new Error('no')),
    message: 'The peer broke off its answer.'
  },
  'a peer that breaks off after a part gives nothing': {
    answer: stream => {
      stream.send(new Uint8Array(10))
      stream.abort(new Error('no'))
    },
    // libp2p itself says so where all of it came together with the answer to the protocol name.
    message: /broke off its answer|a stream that is closed/
  }
}

for (const [name, { answer, message }] of Object.entries(LIARS)) {
  test(name, async t => {
    const liar = await startLiar(t, answer)
    const [person] = await people
    const node = await startNode(t, person == null ? {} : { person })

    await t.throwsAsync(
      node.overlay.askForRecord(contactOf(liar), { signal: AbortSignal.timeout(5000) }),
      { message }
    )
  })
}

test('what a peer sends while it asks is not kept', async t => {
  const [person] = await people
  const node = await startNode(t, person == null ? {} : { person })
  const flooder = await startLiar(t, () => undefined)
  const connection = await flooder.dial(node.overlay.multiaddrs.map(text => multiaddr(text)))
  const stream = await connection.newStream(PROTOCOL)
  const chunk = new Uint8Array(65_536)

  // Far more than the 4 MiB at which libp2p would cut off a stream that nobody reads.
  for (let sent = 0; sent < 16 * 1024 * 1024; sent += chunk.length) {
    if (!stream.send(chunk)) await once(stream, 'drain')
  }

  t.is(stream.status, 'open')
  t.is(node.overlay.connectedPeers().length, 1)
})

async function startLiar(t: ExecutionContext, answer: (stream: Stream) => void): Promise<Libp2p> {
  const liar = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() }
  })

  t.teardown(async () => liar.stop())
  await liar.handle(PROTOCOL, answer)

  return liar
}

function contactOf(node: Libp2p): PeerContact {
  return {
    peerId: node.peerId.toString(),
    multiaddrs: node.getMultiaddrs().map(String)
  }
}
