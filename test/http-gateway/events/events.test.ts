import { subscribe as subscribeRaw, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { contentBytes } from '../../../http-gateway/events/content-length.ts'
import type { Message, MessageName } from '../../../http-gateway/events/messages.ts'
import { Events, subscribe } from '../../../http-gateway/events/service.ts'
import { ask, converse } from '../client.ts'
import { hostOf, newGateway, newIdentities, newPublisher } from '../fixture.ts'

const { own, other } = await newIdentities('own', 'other')
const TOKEN = 'correct-horse-battery'

/** Messages of one kind as they come, of the node of this test. */
function collect<N extends MessageName>(
  t: ExecutionContext,
  name: N
): { readonly next: () => Promise<Message<N>> } {
  const waiting: Message<N>[] = []
  let wake = Promise.withResolvers<undefined>()

  t.teardown(
    subscribe(name, message => {
      waiting.push(message)
      wake.resolve(undefined)
    })
  )

  return {
    next: async () => {
      while (waiting.length === 0) {
        await wake.promise
        wake = Promise.withResolvers()
      }

      return waiting.shift() ?? t.fail()
    }
  }
}

// A32: pluggable logging, monitoring, statistics
test.serial('a finished request is told with who asked, for what, and what came of it', async t => {
  const gateway = await newPublisher(t, own, { 'a.txt': 'twelve bytes' })
  const requests = collect(t, 'request')
  const headers = {
    'user-agent': 'test/1',
    referer: 'http://localhost/before',
    from: 'reader@example.org'
  }

  await ask(gateway.http[0], '/a.txt?x=1', { headers })

  const first = await requests.next()

  t.like(first, {
    node: own.uuid,
    transport: 'plain',
    remoteAddress: '127.0.0.1',
    method: 'GET',
    target: '/a.txt?x=1',
    version: '1.1',
    from: 'reader@example.org',
    referer: 'http://localhost/before',
    userAgent: 'test/1',
    status: 200,
    bytes: 12,
    isWhole: true,
    server: 'own'
  })
  t.true(first.milliseconds >= 0)
  t.true(Math.abs(Date.now() - first.at) < 60_000)

  await ask(gateway.https[0], '/a.txt', { method: 'HEAD' })
  t.like(await requests.next(), {
    transport: 'tls',
    method: 'HEAD',
    status: 200,
    bytes: 0,
    server: 'memory',
    userAgent: undefined
  })

  const { headers: known } = await ask(gateway.http[0], '/a.txt')

  t.like(await requests.next(), { status: 200, bytes: 12, server: 'memory' })
  await ask(gateway.http[0], '/a.txt', { headers: { 'if-none-match': known.etag ?? '' } })
  t.like(await requests.next(), { status: 304, bytes: 0 })
  await ask(gateway.http[0], '/', { host: 'evil.example' })
  t.like(await requests.next(), { status: 421, server: 'refusal', host: 'evil.example' })
  await ask(gateway.http[0], '/', { host: hostOf(other) })
  t.like(await requests.next(), { status: 404, server: 'node' })
})

test.serial('pipelined requests are told one by one, each with its own bytes', async t => {
  const gateway = await newPublisher(t, own, { 'a.txt': 'one', 'b.txt': 'three' })
  const requests = collect(t, 'request')

  await converse(
    gateway.http[0],
    'GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\nGET /b.txt HTTP/1.1\r\nHost: localhost\r\n\r\nGET /c HTTP/1.0\r\n\r\n'
  )

  const told = [await requests.next(), await requests.next(), await requests.next()]

  t.deepEqual(
    told.map(({ target, status }) => [target, status]),
    [
      ['/a.txt', 200],
      ['/b.txt', 200],
      ['/c', 404]
    ]
  )
  t.deepEqual(
    told.slice(0, 2).map(({ bytes }) => bytes),
    [3, 5]
  )
  t.is(told[2]?.version, '1.0')
})

test.serial('an answer that breaks off is told as not whole', async t => {
  const gateway = await newPublisher(t, own, { 'big.bin': Buffer.alloc(64 * 1024 * 1024) })
  const requests = collect(t, 'request')
  const socket = connect(gateway.httpPort, '127.0.0.1')

  socket.write('GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()

  const told = await requests.next()

  t.false(told.isWhole)
  t.true(told.bytes < 64 * 1024 * 1024)
})

test.serial('connections, and what is no request, are told', async t => {
  const gateway = await newPublisher(t, own, { 'a.txt': 'a' })
  const opened = collect(t, 'connection')
  const closed = collect(t, 'disconnection')
  const errors = collect(t, 'parse-error')

  await converse(gateway.http[0], 'rubbish\r\n\r\n')

  const client = { node: own.uuid, transport: 'plain', remoteAddress: '127.0.0.1' }

  t.like(await opened.next(), client)
  t.like(await closed.next(), client)

  const error = await errors.next()

  t.like(error, { ...client, status: 400, code: 'PLEXNET_BAD_REQUEST' })
  t.true(error.bytes > 512)
  await ask(gateway.https[0], '/a.txt')
  t.like(await opened.next(), { transport: 'tls' })
})

test.serial('what the owner changes, lookups and another folder are told', async t => {
  const gateway = await newPublisher(t, own, { 'a.txt': 'a' }, { ownerToken: TOKEN })
  const uploads = collect(t, 'upload')
  const lookups = collect(t, 'lookup')
  const sites = collect(t, 'site')
  const headers = { authorization: `Bearer ${TOKEN}` }

  await ask(gateway.http[0], '/new.txt', { method: 'PUT', headers, content: Buffer.from('four') })
  t.like(await uploads.next(), { method: 'PUT', path: '/new.txt', bytes: 4, isNew: true })
  await ask(gateway.http[0], '/new.txt', { method: 'DELETE', headers })
  t.like(await uploads.next(), { method: 'DELETE', path: '/new.txt', bytes: 0, isNew: false })

  await ask(gateway.http[0], '/', { host: hostOf(other) })
  t.like(await lookups.next(), {
    address: `${other.address.uuid}.${other.address.fp}`,
    isFound: false,
    outcome: 'PLEXNET_NOT_FOUND'
  })

  await gateway.publish(undefined)
  t.like(await sites.next(), { root: undefined })
})

test.serial('the channels are those of node:diagnostics_channel', async t => {
  const gateway = await newGateway(t, own)
  const told: unknown[] = []
  const onMessage = (message: unknown): void => {
    told.push(message)
  }

  subscribeRaw('plexnet:site', onMessage)
  await gateway.publish(undefined)
  unsubscribe('plexnet:site', onMessage)
  await gateway.publish(undefined)
  t.is(told.length, 1)
})

test('nothing is made to be told where nobody listens', t => {
  const events = new Events('uuid')
  const told: unknown[] = []

  t.false(events.wants('lookup'))

  const stop = events.listen('lookup', message => told.push(message.outcome))

  t.true(events.wants('lookup'))
  events.tell('lookup', { address: 'a', milliseconds: 1, outcome: 'dht', isFound: true })
  stop()
  t.false(events.wants('lookup'))
  t.deepEqual(told, ['dht'])
})

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const SENT: [string, Partial<Parameters<typeof contentBytes>[0]>, number][] = [
  ['a length that was kept', {}, 5],
  ['HEAD', { method: 'HEAD' }, 0],
  ['304', { status: 304 }, 0],
  ['a length that was not kept', { isWhole: false, sent: HEAD.length + 2 }, 2],
  ['chunks', { head: CHUNKED, sent: CHUNKED.length + 15 }, 15],
  ['nothing at all', { head: '', isWhole: false, sent: 0 }, 0]
]

for (const [name, parts, expected] of SENT) {
  test(`bytes of content: ${name}`, t => {
    t.is(
      contentBytes({ method: 'GET', status: 200, head: HEAD, isWhole: true, sent: 500, ...parts }),
      expected
    )
  })
}
