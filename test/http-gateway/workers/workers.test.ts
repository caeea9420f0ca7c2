import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createServer } from 'node:http'
import { connect as connectPlain, type AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import {
  AmbiguousError,
  LookupBusyError,
  LookupTimeoutError,
  NotFoundError,
  OfflineError
} from '../../../discovery/index.ts'
import type { Gateway } from '../../../http-gateway/index.ts'
import { ask, begin, converse } from '../client.ts'
import {
  hostOf,
  newGateway,
  newIdentities,
  newPublisher,
  newReader,
  recordOf,
  temporaryDirectory
} from '../fixture.ts'
import { everywhere, TIMES } from './everywhere.ts'
import { until } from './processes.ts'

const { own, other, third } = await newIdentities('own', 'other', 'third')

const WORKERS = 2
const TOKEN = 'correct-horse-battery-staple'

let common: Gateway | undefined

/** The same gateway for all tests that do without one of their own, since each is three processes; with a site of its own for each. */
async function newShared(t: ExecutionContext): Promise<Gateway> {
  const folder = await temporaryDirectory(t)

  await writeFile(join(folder, 'index.html'), 'hello')

  if (common === undefined) {
    common = await newGateway({ teardown: () => undefined }, own, {
      workers: WORKERS,
      ownerToken: TOKEN
    })
    await common.listen()
  }

  await common.publish(folder)

  return common
}

test.after.always(async () => common?.close())

test.serial('all workers serve the site, over both ports', async t => {
  t.deepEqual(await everywhere(await newShared(t), '/'), ['200 hello'])
})

test.serial('a change by the owner is seen by every request after its answer', async t => {
  const gateway = await newShared(t)
  const headers = { authorization: `Bearer ${TOKEN}` }
  const put = async (text: string): Promise<number> =>
    (
      await ask(gateway.http[0], '/index.html', {
        method: 'PUT',
        headers,
        content: Buffer.from(text)
      })
    ).status

  // In the memory of both.
  await everywhere(gateway, '/index.html')
  t.is(await put('changed'), 204)
  t.deepEqual(await everywhere(gateway, '/index.html'), ['200 changed'])
  t.is(await put('and again'), 204)
  t.deepEqual(await everywhere(gateway, '/'), ['200 and again'])
  t.is((await ask(gateway.http[0], '/index.html', { method: 'DELETE', headers })).status, 204)

  const after = await everywhere(gateway, '/index.html')

  t.true(after.every(answer => answer.startsWith('404')))
})

test.serial('who is not the owner changes nothing', async t => {
  const gateway = await newShared(t)
  const content = Buffer.from('x')
  const answer = await ask(gateway.http[0], '/index.html', {
    method: 'PUT',
    content,
    // What a worker says of its clients is not for clients to say.
    headers: { 'plexnet-client': '127.0.0.1 tls owner' }
  })

  t.is(answer.status, 401)
  t.deepEqual(await everywhere(gateway, '/'), ['200 hello'])
})

test.serial('publishing and unpublishing hold for all workers', async t => {
  const gateway = await newShared(t)
  const folder = await temporaryDirectory(t)

  await writeFile(join(folder, 'index.html'), 'another')
  await everywhere(gateway, '/')
  await gateway.publish(folder)
  t.deepEqual(await everywhere(gateway, '/'), ['200 another'])
  await gateway.publish(undefined)

  const after = await everywhere(gateway, '/')

  t.true(after.every(answer => answer.startsWith('404')))
})

test.serial(
  'another node’s document comes through any worker, by host and by path, over both ports',
  async t => {
    const publisher = await newPublisher(t, other, { 'a.txt': 'from afar' })
    const reader = await newReader(t, own, other, [publisher.https[0] ?? ''], { workers: WORKERS })
    const host = hostOf(other)

    for (const origin of [reader.http[0], reader.https[0]]) {
      t.is((await ask(origin, '/a.txt', { host })).body.toString(), 'from afar')
      t.is(
        (await ask(origin, `/${host.replace('.localhost', '').replace(/-(?=[^-]*$)/, '.')}/a.txt`))
          .status,
        200
      )

      const part = await ask(origin, '/a.txt', { host, headers: { range: 'bytes=5-8' } })

      t.is(part.status, 206)
      t.is(part.body.toString(), 'afar')
    }
  }
)

test.serial(
  'the answer to HEAD has the fields of the answer to GET, and 304 has no content',
  async t => {
    const publisher = await newPublisher(t, other, { 'a.txt': 'from afar' })
    const reader = await newReader(t, own, other, [publisher.https[0] ?? ''], { workers: WORKERS })
    const host = hostOf(other)
    const got = await ask(reader.http[0], '/a.txt', { host })
    const head = await ask(reader.http[0], '/a.txt', { host, method: 'HEAD' })
    const same = await ask(reader.http[0], '/a.txt', {
      host,
      headers: { 'if-none-match': got.headers.etag ?? '' }
    })

    t.is(head.body.length, 0)
    t.is(head.headers['content-length'], '9')
    t.is(head.headers.etag, got.headers.etag)
    t.is(same.status, 304)
    t.is(same.body.length, 0)
  }
)

test.serial('pages that tell why a node cannot be shown are the same, trail and all', async t => {
  const address = other.address
  const trail = [{ step: 'dht', outcome: 'failed', detail: 'no peer has a record' }] as const
  const claims = [recordOf(other, []), recordOf(third, [])]

  let error: Error = new NotFoundError(address, trail)
  const resolve = async (): Promise<never> => Promise.reject(error)
  const alone = await newGateway(t, own, { resolve })
  const shared = await newGateway(t, own, { resolve, workers: WORKERS })

  await Promise.all([alone.listen(), shared.listen()])

  for (error of [
    error,
    new AmbiguousError(other.uuid, claims, trail),
    new OfflineError(address, trail),
    new LookupBusyError(address, 3),
    new LookupTimeoutError(address, 5, trail)
  ]) {
    for (const accept of ['text/html', 'application/json']) {
      const options = { host: hostOf(other), headers: { accept } }
      const [one, two] = await Promise.all(
        [alone, shared].map(async gateway => ask(gateway.http[0], '/a?b', options))
      )
      const { date: _one, ...fields } = one?.headers ?? {}
      const { date: _two, ...others } = two?.headers ?? {}

      t.is(two?.status, one?.status)
      t.deepEqual(others, fields)
      // The port is in the links of the page.
      t.is(portless(two?.body), portless(one?.body))
    }
  }
})

function portless(body: Buffer | undefined): string | undefined {
  return body?.toString().replaceAll(/localhost:\d+/g, 'localhost')
}

test.serial('an answer that breaks off at its origin breaks off at the client', async t => {
  const gateway = await newGateway(t, own, { workers: WORKERS })

  gateway.app.get('/short', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'Content-Length': '100' })
    reply.raw.write('begun', () => reply.raw.destroy())
  })
  await gateway.listen()

  await t.throwsAsync(async () => buffer(await begin(gateway.http[0], '/short')))
})

test.serial('a client that goes is known to have gone where its request is answered', async t => {
  const gateway = await newGateway(t, own, { workers: WORKERS })
  const gone = Promise.withResolvers<undefined>()

  gateway.app.get('/endless', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200)

    // Who sends nothing does not learn that nobody reads.
    const timer = setInterval(() => reply.raw.write('again'), 10)

    reply.raw.once('close', () => {
      clearInterval(timer)
      gone.resolve(undefined)
    })
  })
  await gateway.listen()

  const answer = await begin(gateway.http[0], '/endless')

  await once(answer, 'readable')
  answer.destroy()
  await gone.promise
  t.pass()
})

test.serial(
  'public documents, and handlers that are registered before and after, answer through workers',
  async t => {
    const gateway = await newGateway(t, own, {
      workers: WORKERS,
      nodeRecord: () => Buffer.from('record')
    })

    gateway.handlers.handle('/early', () => 'early')
    await gateway.listen()
    t.deepEqual(await everywhere(gateway, '/.well-known/plexnet/node'), ['200 record'])
    t.deepEqual(await everywhere(gateway, '/early'), ['200 early'])

    const end = gateway.handlers.handle('/late/:name', () => 'late')

    await until(async () => (await everywhere(gateway, '/late/a')).join('') === '200 late')
    end()
    await until(async () =>
      (await everywhere(gateway, '/late/a')).every(answer => answer.startsWith('404'))
    )
    t.pass()
  }
)

test.serial(
  'programs on this machine reach the web through any worker, by absolute targets and by tunnels',
  async t => {
    const web = createServer((_request, response) => response.end('the web')).listen(0, '127.0.0.1')

    t.teardown(() => void web.close())
    await once(web, 'listening')

    const { port } = web.address() as AddressInfo
    const gateway = await newGateway(t, own, {
      workers: WORKERS,
      proxies: { forward: true, private: true, connectPorts: [port] }
    })

    await gateway.listen()

    const get = `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`

    t.regex(await converse(gateway.http[0], get), /^HTTP\/1\.1 200 [^]*the web/)

    const tunnel = connectPlain(gateway.httpPort, '127.0.0.1')
    const ended = once(tunnel, 'close')
    let text = ''

    tunnel.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    tunnel.once('data', () => tunnel.write(get))
    tunnel.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    await ended
    t.regex(text, /^HTTP\/1\.1 200 [^]*HTTP\/1\.1 200 [^]*the web$/)

    // Any other port is refused, and the page comes through.
    t.regex(
      await converse(gateway.http[0], 'CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n'),
      /^HTTP\/1\.1 403 [^]*PLEXNET_/
    )
  }
)

test.serial('a TLS session that one worker began is resumed by all', async t => {
  const gateway = await newShared(t)
  const visit = async (
    session?: Buffer
  ): Promise<{ isReused: boolean; session: Buffer | undefined }> => {
    const socket = connect({
      port: gateway.httpsPort,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ...(session === undefined ? {} : { session })
    })
    let [isReused, ticket]: [boolean, Buffer | undefined] = [false, undefined]

    socket.once('secureConnect', () => {
      isReused = socket.isSessionReused()
    })
    socket.on('session', given => {
      ticket = given
    })
    socket.end('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    socket.resume()
    await once(socket, 'close')

    return { isReused, session: ticket }
  }
  const first = await visit()
  const visits = await Promise.all(Array.from({ length: TIMES }, async () => visit(first.session)))

  t.false(first.isReused)
  t.true(visits.every(({ isReused }) => isReused))
})

test.serial(
  'a renewed certificate is shown by all workers, and by those that come after',
  async t => {
    const { renewed } = await newIdentities('renewed')
    const gateway = await newShared(t)
    const serials = async (): Promise<string[]> => {
      const all = await Promise.all(
        Array.from({ length: TIMES }, async () => {
          const socket = connect({
            port: gateway.httpsPort,
            host: '127.0.0.1',
            rejectUnauthorized: false
          })

          await once(socket, 'secureConnect')

          const { serialNumber } = socket.getPeerCertificate()

          socket.destroy()

          return serialNumber
        })
      )

      return [...new Set(all)]
    }
    const before = await serials()

    await gateway.renew(renewed.tls)

    const after = await serials()

    t.is(before.length, 1)
    t.is(after.length, 1)
    t.notDeepEqual(after, before)
  }
)

test.serial('connections over libp2p are served by the main process', async t => {
  const gateway = await newShared(t)
  const [near, far] = duplexPair()

  gateway.accept(far)
  near.end('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  t.regex((await buffer(near)).toString(), /^HTTP\/1\.1 200 [^]*hello$/)
})

test.serial(
  'each request is told of once, with its client, whichever process answers it',
  async t => {
    const gateway = await newShared(t)
    const told: string[] = []

    gateway.events.listen('request', ({ target, remoteAddress, transport, status, server }) => {
      told.push(`${target} ${remoteAddress} ${transport} ${status} ${server}`)
    })

    // Workers hear that somebody listens, and until then do not count.
    await until(async () => {
      await ask(gateway.http[0], '/probe')

      return told.length > 0
    })
    told.length = 0
    await ask(gateway.http[0], '/')
    await ask(gateway.https[0], '/.well-known/plexnet/node')
    await ask(gateway.http[0], '/x', { host: hostOf(other) })

    // Workers tell each in its own time.
    for (let index = 0; index < TIMES; index += 1) await ask(gateway.http[0], '/others')

    await until(async () => told.filter(line => line.startsWith('/others')).length === TIMES)
    t.deepEqual(told.filter(line => !/^\/(others|probe)/.test(line)).toSorted(), [
      '/ 127.0.0.1 plain 200 own',
      '/.well-known/plexnet/node 127.0.0.1 tls 503 own',
      '/x 127.0.0.1 plain 404 node'
    ])
  }
)
