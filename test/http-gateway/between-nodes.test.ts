import { randomBytes } from 'node:crypto'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { duplexPair, Readable } from 'node:stream'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import type { NodeAddress } from '../../identity/index.ts'
import { formatAddress } from '../../identity/index.ts'
import { ask, begin } from './client.ts'
import {
  hostOf,
  newGateway,
  newIdentities,
  newPublisher,
  newReader,
  recordOf,
  resolutionOf,
  temporaryDirectory
} from './fixture.ts'

const { publisher, reader, stranger } = await newIdentities('publisher', 'reader', 'stranger')
const host = hostOf(publisher)

// A port of the discard service, on which nothing listens.
const NOWHERE = 'https://127.0.0.1:9'

interface Problem {
  code: string
  status: number
  failedStep: string
  steps: { step: string; outcome: string; detail: string }[]
}

/** An origin with the publisher's certificate that answers as the test says. */
async function newOrigin(
  t: ExecutionContext,
  answer: Parameters<typeof createTlsServer>[1],
  identity = publisher
): Promise<{ server: TlsServer; endpoint: string }> {
  const server = createTlsServer(identity.tls, answer)

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })

  return { server, endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function problemOf(origin: string | undefined, path = '/'): Promise<Problem> {
  const { body } = await ask(origin, path, { host })

  return JSON.parse(body.toString()) as Problem
}

test('a document of another node comes over TLS whole, small, large and empty (A17)', async t => {
  const content = randomBytes(3_000_000)
  const origin = await newPublisher(t, publisher, {
    'big.bin': content,
    'index.html': '<h1>hello</h1>',
    empty: ''
  })
  const gateway = await newReader(t, reader, publisher, origin.https)
  const page = await ask(gateway.http[0], '/', { host })

  t.is(page.status, 200)
  t.is(page.body.toString(), '<h1>hello</h1>')
  t.is(page.headers['content-type'], 'text/html; charset=utf-8')
  t.regex(page.headers.via ?? '', /^1\.1 plexnet-[0-9a-f]{16}$/)
  t.true((await ask(gateway.http[0], '/big.bin', { host })).body.equals(content))
  t.true((await ask(gateway.https[0], '/big.bin', { host })).body.equals(content))
  t.is((await ask(gateway.http[0], '/empty', { host })).body.length, 0)
  t.is((await ask(gateway.http[0], '/none', { host })).status, 404)
  t.is(
    (await ask(gateway.http[0], `/${formatAddress(publisher.address)}/`)).body.toString(),
    '<h1>hello</h1>'
  )
})

test('a program gets the same as a stream', async t => {
  const content = randomBytes(3_000_000)
  const origin = await newPublisher(t, publisher, { 'big.bin': content })
  const gateway = await newReader(t, reader, publisher, origin.https)
  const answer = await gateway.fetch(publisher.address, '/big.bin')

  t.is(answer.status, 200)
  t.deepEqual(
    answer.trail.map(({ step, outcome }) => `${step} ${outcome}`),
    ['record ok', 'address ok', 'certificate ok', 'answer ok']
  )
  t.true((await buffer(answer.body)).equals(content))
})

test('a program that lets go of the stream ends the transfer', async t => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const { endpoint } = await newOrigin(t, (_request, response) => {
    response.once('close', resolve)
    response.writeHead(200)
    response.write('begin')
  })
  const gateway = await newReader(t, reader, publisher, [endpoint])
  const { body } = await gateway.fetch(publisher.address, '/')

  body.destroy()
  await closed
  t.pass()
})

test('Range and conditions are passed on', async t => {
  const origin = await newPublisher(t, publisher, { 'a.txt': '0123456789' })
  const gateway = await newReader(t, reader, publisher, origin.https)
  const at = async (headers: Record<string, string>): ReturnType<typeof ask> =>
    ask(gateway.http[0], '/a.txt', { host, headers })
  const part = await at({ range: 'bytes=2-4' })

  t.is(part.status, 206)
  t.is(part.body.toString(), '234')
  t.is(part.headers['content-range'], 'bytes 2-4/10')
  t.is((await at({ range: 'bytes=10-' })).status, 416)
  t.is((await at({ 'if-none-match': part.headers.etag ?? '' })).status, 304)
  t.is((await at({ 'if-match': '"x"' })).status, 412)
})

test('HEAD tells what GET would, and the connection stays in use', async t => {
  let connections = 0
  const { server, endpoint } = await newOrigin(t, (_request, response) => {
    response.setHeader('content-length', 5)
    response.end('hello')
  })

  server.on('secureConnection', () => connections++)

  const gateway = await newReader(t, reader, publisher, [endpoint])
  const head = await ask(gateway.http[0], '/', { host, method: 'HEAD' })
  const get = await ask(gateway.http[0], '/', { host })

  t.is(head.body.length, 0)
  t.is(head.headers['content-length'], '5')
  t.is(get.body.toString(), 'hello')
  t.is(connections, 1)
})

test('the content of other methods goes through', async t => {
  const { endpoint } = await newOrigin(t, (request, response) => {
    void buffer(request).then(content =>
      response.end(`${request.method} ${content.length} ${request.headers.host}`)
    )
  })
  const gateway = await newReader(t, reader, publisher, [endpoint])
  const answer = await ask(gateway.http[0], '/', {
    host,
    method: 'PUT',
    content: Buffer.alloc(500_000)
  })

  t.is(answer.body.toString(), `PUT 500000 ${host}`)
})

test('fields that belong to one connection, or rule over the gateway’s name, stay behind', async t => {
  let seen: IncomingMessage['headers'] = {}
  const { endpoint } = await newOrigin(t, (request, response) => {
    seen = request.headers
    response.setHeader('connection', 'x-secret')
    response.setHeader('x-secret', '1')
    response.setHeader('strict-transport-security', 'max-age=1')
    response.setHeader('set-cookie', 'a=b')
    response.setHeader('location', '/next')
    response.setHeader('server', 'nginx')
    response.end()
  })
  const gateway = await newReader(t, reader, publisher, [endpoint])
  const headers = {
    connection: 'close, x-hop',
    'x-hop': '1',
    te: 'trailers',
    cookie: 'own=1',
    authorization: 'Bearer x',
    'x-kept': '1'
  }
  const byLabel = await ask(gateway.http[0], '/', { host, headers })

  t.is(byLabel.headers['x-secret'], undefined)
  t.is(byLabel.headers['strict-transport-security'], undefined)
  t.is(byLabel.headers.location, '/next')
  t.is(byLabel.headers.server, 'nginx [Plexnet]')
  t.truthy(byLabel.headers['set-cookie'])
  t.is(seen['x-hop'], undefined)
  t.is(seen.te, undefined)
  t.is(seen.cookie, 'own=1')
  t.is(seen['x-kept'], '1')

  const prefix = `/${formatAddress(publisher.address)}`
  const byPath = await ask(gateway.http[0], `${prefix}/`, { headers })

  // In the path form all sites share one origin in the browser.
  t.is(byPath.headers['set-cookie'], undefined)
  t.is(byPath.headers.location, `${prefix}/next`)
  t.is(seen.cookie, undefined)
  t.is(seen.authorization, undefined)
})

test('a node with another certificate is refused, and nothing is asked of it', async t => {
  let requests = 0
  const { endpoint } = await newOrigin(t, () => requests++, stranger)
  const gateway = await newReader(t, reader, publisher, [endpoint])
  const problem = await problemOf(gateway.http[0])

  t.is(problem.status, 502)
  t.is(problem.code, 'PLEXNET_CERTIFICATE_MISMATCH')
  t.is(problem.failedStep, 'certificate')
  t.is(requests, 0)
  await t.throwsAsync(gateway.fetch(publisher.address, '/'), {
    code: 'PLEXNET_CERTIFICATE_MISMATCH'
  })
})

test('curl, which trusts only the authority certificate, accepts its node and no other', async t => {
  const origin = await newPublisher(t, publisher, { 'index.html': 'hello' })
  const impostor = await newPublisher(t, stranger, { 'index.html': 'hello' })
  const authority = join(await temporaryDirectory(t), 'authority.pem')
  const curl = async (url: string | undefined): Promise<string> =>
    (await promisify(execFile)('curl', ['--silent', '--cacert', authority, url ?? ''])).stdout

  await writeFile(authority, publisher.certificatePem)
  t.is(await curl(origin.https[0]), 'hello')
  // 60: the certificate of the other end cannot be verified.
  await t.throwsAsync(curl(impostor.https[0]), { code: 60 })
})

test('a node that cannot be reached is told apart from one with a wrong certificate', async t => {
  const gateway = await newReader(t, reader, publisher, [NOWHERE])
  const problem = await problemOf(gateway.http[0])

  t.is(problem.status, 502)
  t.is(problem.code, 'PLEXNET_UNREACHABLE')
  t.is(problem.failedStep, 'address')
  t.true(problem.steps.some(({ detail }) => detail.includes('ECONNREFUSED')))
  t.true(problem.steps.some(({ detail }) => detail.includes('libp2p')))
})

test('endpoints that fail are passed over for one that answers', async t => {
  const origin = await newPublisher(t, publisher, { 'index.html': 'here' })
  const wrong = await newOrigin(t, () => {}, stranger)
  const gateway = await newReader(t, reader, publisher, [
    NOWHERE,
    wrong.endpoint,
    'http://127.0.0.1:1',
    'rubbish',
    ...origin.https
  ])

  t.is((await ask(gateway.http[0], '/', { host })).body.toString(), 'here')
})

test('more nodes than connections are kept to are read in turn', async t => {
  const [one, two] = await Promise.all([
    newPublisher(t, publisher, { 'index.html': 'one' }),
    newPublisher(t, stranger, { 'index.html': 'two' })
  ])
  const gateway = await newReader(t, reader, publisher, [], {
    limits: { maxNodes: 1 },
    resolve: async ({ uuid }) =>
      Promise.resolve(
        resolutionOf(
          uuid === publisher.uuid ? recordOf(publisher, one.https) : recordOf(stranger, two.https)
        )
      )
  })

  for (const identity of [publisher, stranger, publisher, stranger]) {
    const { status } = await ask(gateway.http[0], '/', { host: hostOf(identity) })

    t.is(status, 200)
  }
})

test('a node that moved is found again by asking for its record anew', async t => {
  const origin = await newPublisher(t, publisher, { 'index.html': 'moved' })
  const asked: (boolean | undefined)[] = []
  const gateway = await newReader(t, reader, publisher, [], {
    resolve: async (_address, { fresh }) => {
      asked.push(fresh)

      return Promise.resolve(
        fresh === true
          ? resolutionOf(recordOf(publisher, origin.https, 2), 'dht')
          : resolutionOf(recordOf(publisher, [NOWHERE], 1), 'disk')
      )
    }
  })

  t.is((await ask(gateway.http[0], '/', { host })).body.toString(), 'moved')
  t.deepEqual(asked, [false, true])
})

test('a node without a reachable endpoint is read over a libp2p stream', async t => {
  const content = randomBytes(1_000_000)
  const origin = await newPublisher(t, publisher, { 'big.bin': content })
  let streams = 0
  const gateway = await newReader(t, reader, publisher, [NOWHERE], {
    openStream: async () => {
      const [near, far] = duplexPair()

      streams++
      origin.accept(far)

      return Promise.resolve(near)
    }
  })

  t.true((await ask(gateway.http[0], '/big.bin', { host })).body.equals(content))
  t.true((await ask(gateway.http[0], '/big.bin', { host })).body.equals(content))
  t.is(streams, 1)
})

test('who comes over libp2p is no local client', async t => {
  const gateway = await newReader(t, reader, publisher, [NOWHERE])
  const asker = await newGateway(t, stranger, {
    resolve: async (address: NodeAddress) =>
      Promise.resolve(
        resolutionOf({ ...recordOf(publisher, []), address: { ...publisher.address, ...address } })
      ),
    openStream: async () => {
      const [near, far] = duplexPair()

      gateway.accept(far)

      return Promise.resolve(near)
    }
  })
  // The stream asks the reader's gateway for the publisher's site.
  const { status, body } = await asker.fetch(publisher.address, '/')

  body.resume()
  t.is(status, 403)
})

test('connections over libp2p are bounded in number, and end with the gateway', async t => {
  const gateway = await newPublisher(t, publisher, {}, { limits: { maxStreams: 1 } })
  const [[, first], [, second]] = [duplexPair(), duplexPair()]

  gateway.accept(first)
  gateway.accept(second)
  t.false(first.destroyed)
  t.true(second.destroyed)
  await gateway.close()
  t.true(first.destroyed)
})

test('the own address leads to the own site without the network', async t => {
  const gateway = await newPublisher(
    t,
    publisher,
    { 'index.html': 'mine' },
    { resolve: async () => Promise.resolve(resolutionOf(recordOf(publisher, []), 'self')) }
  )
  const { body } = await gateway.fetch(publisher.address, '/')

  t.is((await buffer(body)).toString(), 'mine')
})

test('a body that stalls cuts the client’s connection within the bound, and is not taken for whole', async t => {
  const { endpoint } = await newOrigin(t, (_request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('half')
  })
  const gateway = await newReader(t, reader, publisher, [endpoint], {
    limits: { bodyIdleTimeout: 200 }
  })
  const response = await begin(gateway.http[0], '/', { host })

  t.is(response.statusCode, 200)
  await t.throwsAsync(buffer(response), { code: 'ECONNRESET' })
})

test('an origin that dies in the middle of a body gives the client an error and no clean end', async t => {
  for (const headers of [{ 'content-length': 100_000 }, {}]) {
    const { endpoint } = await newOrigin(t, (_request, response) => {
      response.writeHead(200, headers)
      response.write('half', () => response.socket?.destroy())
    })
    const gateway = await newReader(t, reader, publisher, [endpoint])
    const response = await begin(gateway.http[0], '/', { host })

    await t.throwsAsync(buffer(response), { code: 'ECONNRESET' })
    await t.throwsAsync(async () => {
      const { body } = await gateway.fetch(publisher.address, '/')

      await buffer(body)
    })
  }
})

test('an origin that dies before its answer gives 502', async t => {
  const { endpoint } = await newOrigin(t, request => request.socket.destroy())
  const gateway = await newReader(t, reader, publisher, [endpoint])
  const problem = await problemOf(gateway.http[0])

  t.is(problem.status, 502)
  t.is(problem.failedStep, 'answer')
})

test('a connection that the origin closed while it was idle costs the client nothing', async t => {
  let requests = 0
  const { server, endpoint } = await newOrigin(t, (_request, response) => {
    response.end(`${++requests}`)
  })
  const gateway = await newReader(t, reader, publisher, [endpoint])

  t.is((await ask(gateway.http[0], '/', { host })).body.toString(), '1')
  server.closeIdleConnections()
  t.is((await ask(gateway.http[0], '/', { host })).body.toString(), '2')
})

test('an origin that never answers gives 504 within the bound', async t => {
  const { endpoint } = await newOrigin(t, () => {})
  const gateway = await newReader(t, reader, publisher, [endpoint], {
    limits: { lookupTimeout: 300 }
  })
  const problem = await problemOf(gateway.http[0])

  t.is(problem.status, 504)
  t.is(problem.failedStep, 'answer')
})

test('a lookup that does not end gives 504 within the bound, and is told to end', async t => {
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const gateway = await newReader(t, reader, publisher, [], {
    limits: { lookupTimeout: 100 },
    resolve: async (_address, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new Error('aborted'))
          resolve()
        })
      })
  })
  const problem = await problemOf(gateway.http[0])

  t.is(problem.status, 504)
  t.is(problem.failedStep, 'record')
  await aborted
})

test('a client that goes ends the transfer from the other node', async t => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const { endpoint } = await newOrigin(t, (_request, response) => {
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(64 * 1024))
      }
    })

    response.once('close', resolve)
    endless.pipe(response)
  })
  const gateway = await newReader(t, reader, publisher, [endpoint])
  const response = await begin(gateway.http[0], '/', { host })

  response.destroy()
  await closed
  t.pass()
})

test('a client that reads nothing stops the origin, not other clients', async t => {
  const size = 256 * 1024 * 1024
  let sent = 0
  const { endpoint } = await newOrigin(t, (request, response) => {
    if (request.url === '/small') {
      response.end()
      return
    }

    const large = new Readable({
      read() {
        sent += 64 * 1024
        this.push(sent > size ? null : Buffer.alloc(64 * 1024))
      }
    })

    large.pipe(response)
  })
  const gateway = await newReader(t, reader, publisher, [endpoint])
  const { port } = new URL(gateway.http[0] ?? '')
  const client = connect(Number(port), '127.0.0.1')

  t.teardown(() => client.destroy())
  client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await once(client, 'readable')

  // Other requests tell the time: the origin stands still where none of many of them sees it move.
  for (let still = 0, before = 0; still < 30; still++) {
    await ask(gateway.http[0], '/small', { host })
    still = sent === before ? still : 0
    before = sent
  }

  t.true(sent < size / 4, `${sent} bytes were taken for a client that reads nothing`)
})

test('a request that has come through this node before is refused with 508', async t => {
  let gateway = await newReader(t, reader, publisher, [])
  const { endpoint } = await newOrigin(t, (request, response) => {
    // A node that sends back what it is asked, to where it came from.
    const { via = '' } = request.headers

    void ask(gateway.http[0], '/', { host, headers: { via } }).then(({ status }) =>
      response.writeHead(status).end()
    )
  })

  gateway = await newReader(t, reader, publisher, [endpoint])
  t.is((await ask(gateway.http[0], '/', { host })).status, 508)
})
