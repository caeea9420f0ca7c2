import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import type { FastifyInstance } from 'fastify'
import type { Gateway, GatewayOptions } from '../../../http-gateway/index.ts'
import { ask, begin, converse } from '../client.ts'
import { hostOf, newGateway, newIdentities, newPublisher } from '../fixture.ts'

const { own, other } = await newIdentities('own', 'other')

async function newSite(
  t: ExecutionContext,
  options: Partial<GatewayOptions> = {}
): Promise<Gateway> {
  return newPublisher(t, own, { 'a.txt': 'a file', hello: 'a file of this name' }, options)
}

// A31: request handlers: just register and go
test('a handler answers as soon as it is registered, and until it is taken away', async t => {
  const gateway = await newSite(t)
  const before = await ask(gateway.http[0], '/hello')
  const hot = await ask(gateway.http[0], '/hello')
  const end = gateway.handlers.handle('/hello', () => 'hi')
  const answer = await ask(gateway.http[0], '/hello')
  const over = await ask(gateway.https[0], '/hello?x=1', { host: hostOf(own) })

  end()

  const after = await ask(gateway.http[0], '/hello')

  t.is(before.body.toString(), 'a file of this name')
  t.deepEqual(hot.body, before.body)
  t.is(answer.status, 200)
  t.is(answer.body.toString(), 'hi')
  t.like(answer.headers, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': '2',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff'
  })
  t.regex(String(answer.headers.server), /\[Plexnet\]/)
  t.is(over.body.toString(), 'hi')
  t.is(after.body.toString(), 'a file of this name')
})

async function* chunks(): AsyncGenerator<string> {
  yield 'one '
  await Promise.resolve()
  yield 'two'
}

const ANSWERS: [string, () => unknown, number, string | undefined, string][] = [
  ['text', () => 'hi', 200, 'text/plain; charset=utf-8', 'hi'],
  ['empty text', () => '', 200, 'text/plain; charset=utf-8', ''],
  ['a promise of text', async () => Promise.resolve('hi'), 200, 'text/plain; charset=utf-8', 'hi'],
  ['bytes', () => Buffer.from('hi'), 200, 'application/octet-stream', 'hi'],
  ['a typed array', () => new Uint8Array([104, 105]), 200, 'application/octet-stream', 'hi'],
  ['an object', () => ({ a: [1] }), 200, 'application/json; charset=utf-8', '{"a":[1]}'],
  ['a number', () => 5, 200, 'application/json; charset=utf-8', '5'],
  ['null', () => null, 200, 'application/json; charset=utf-8', 'null'],
  ['nothing', () => undefined, 204, undefined, ''],
  ['a stream', () => Readable.from(['a', 'b']), 200, 'application/octet-stream', 'ab'],
  ['a web stream', () => new Blob(['ab']).stream(), 200, 'application/octet-stream', 'ab'],
  ['a generator', () => chunks(), 200, 'application/octet-stream', 'one two'],
  [
    'a Response',
    () => new Response('<p>', { status: 201, headers: { 'Content-Type': 'text/html' } }),
    201,
    'text/html',
    '<p>'
  ],
  ['an empty Response', () => new Response(null, { status: 204 }), 204, undefined, '']
]

for (const [what, handler, status, type, body] of ANSWERS) {
  test(`${what} becomes an answer, framed rightly, and HEAD has the same without its content`, async t => {
    const gateway = await newSite(t)

    gateway.handlers.handle('/made', handler)

    const answer = await ask(gateway.http[0], '/made')
    const head = await ask(gateway.http[0], '/made', { method: 'HEAD' })
    // Two on one connection: a wrong frame would lose the second.
    const wire = await converse(
      gateway.http[0],
      'HEAD /made HTTP/1.1\r\nHost: localhost\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    )

    t.is(answer.status, status)
    t.is(answer.headers['content-type'], type)
    t.is(answer.body.toString(), body)
    t.is(head.status, status)
    t.is(head.body.length, 0)
    t.deepEqual(
      { ...head.headers, date: '', 'transfer-encoding': '' },
      { ...answer.headers, date: '', 'transfer-encoding': '' }
    )
    t.regex(wire, /\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*a file$/)
  })
}

test('a Response cannot break the framing', async t => {
  const gateway = await newSite(t)

  gateway.handlers.handle(
    '/made',
    () =>
      new Response('five!', {
        headers: { 'Content-Length': '1', 'Transfer-Encoding': 'gzip', Connection: 'close' }
      })
  )
  t.is((await ask(gateway.http[0], '/made')).body.toString(), 'five!')
})

test('a handler reads the request, its parameters and its content, and may answer with the reply', async t => {
  const gateway = await newSite(t)

  gateway.handlers.handle(
    '/users/:name',
    (request, reply) =>
      reply
        .code(202)
        .header('Cache-Control', 'max-age=5')
        .send({ ...request.params, query: request.query, body: request.body }),
    { method: ['GET', 'POST'] }
  )
  gateway.handlers.handle('/later', (_, reply) => {
    setImmediate(() => void reply.send('later'))
  })

  const posted = await ask(gateway.http[0], '/users/j%C3%BCrgen?a=1', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    content: Buffer.from('{"x":1}')
  })

  t.is(posted.status, 202)
  t.is(posted.headers['cache-control'], 'max-age=5')
  t.deepEqual(JSON.parse(posted.body.toString()), {
    name: 'jürgen',
    query: { a: '1' },
    body: { x: 1 }
  })
  t.is((await ask(gateway.http[0], '/later')).body.toString(), 'later')
})

test('content of any type comes as bytes, too much of it is 413, and wrong JSON 400', async t => {
  const gateway = await newSite(t, { handlerLimits: { maxContentSize: 10 } })

  gateway.handlers.handle(
    '/echo',
    ({ body }) => (Buffer.isBuffer(body) ? body : JSON.stringify(body)),
    { method: 'POST' }
  )

  const post = async (type: string, content: string): ReturnType<typeof ask> =>
    ask(gateway.http[0], '/echo', {
      method: 'POST',
      headers: type === '' ? {} : { 'content-type': type },
      content: Buffer.from(content)
    })

  t.is((await post('', 'bytes')).body.toString(), 'bytes')
  t.is((await post('image/x', 'bytes')).body.toString(), 'bytes')
  t.is((await post('', 'more than ten')).status, 413)
  t.is((await post('application/json', '{')).status, 400)
})

test('a method that a path does not have is 405 with those that it has', async t => {
  const gateway = await newSite(t)

  gateway.handlers.handle('/form', () => 'ok', { method: 'POST' })
  gateway.handlers.handle('/page', () => 'ok')

  const wrong = await ask(gateway.http[0], '/form')
  const put = await ask(gateway.http[0], '/page', { method: 'PUT' })
  const options = await ask(gateway.http[0], '/page', { method: 'OPTIONS' })

  t.is(wrong.status, 405)
  t.is(wrong.headers.allow, 'OPTIONS, POST')
  t.is(put.status, 405)
  t.is(put.headers.allow, 'GET, HEAD, OPTIONS')
  t.is(options.status, 204)
  t.is(options.headers.allow, 'GET, HEAD, OPTIONS')
  t.is((await ask(gateway.http[0], '/a.txt', { method: 'PATCH' })).status, 405)
})

test('a handler that fails answers 500, tells the reason at this machine alone, and the rest goes on', async t => {
  const gateway = await newSite(t)
  const told: unknown[] = []

  gateway.events.listen('handler-error', ({ handler, error }) => told.push(handler, error))
  gateway.handlers.handle('/throws', () => {
    throw new Error('no database')
  })
  gateway.handlers.handle('/rejects', async () => Promise.reject(new Error('later')))
  gateway.handlers.handle('/returns', () => new Error('returned'))
  gateway.handlers.handle('/no-json', () => Symbol('x'))
  gateway.handlers.handle('/refuses', () => {
    throw Object.assign(new Error('You may not.'), { statusCode: 403 })
  })

  const near = await ask(gateway.http[0], '/throws', { headers: { accept: 'text/html' } })
  const far = await ask(gateway.http[0], '/throws', { headers: { 'x-forwarded-for': '1.2.3.4' } })

  t.is(near.status, 500)
  t.regex(near.body.toString(), /\/throws has failed: no database/)
  t.is(far.status, 500)
  t.notRegex(far.body.toString(), /no database/)
  t.regex(far.body.toString(), /PLEXNET_HANDLER_FAILED/)
  t.is((await ask(gateway.http[0], '/rejects')).status, 500)
  t.is((await ask(gateway.http[0], '/returns')).status, 500)
  t.is((await ask(gateway.http[0], '/no-json')).status, 500)

  const refused = await ask(gateway.http[0], '/refuses')

  t.is(refused.status, 403)
  t.regex(refused.body.toString(), /You may not/)
  t.is((await ask(gateway.http[0], '/a.txt')).status, 200)
  t.is(told.length, 10)
  t.is(told[0], '/throws')
})

test('a handler that does not answer in time is 503, and what it says later harms nothing', async t => {
  const gateway = await newSite(t, { handlerLimits: { timeout: 20 } })
  const { promise: late, resolve } = Promise.withResolvers<string>()

  gateway.handlers.handle('/slow', async () => late)
  gateway.handlers.handle('/never', (_request, _reply) => undefined)

  const answer = await ask(gateway.http[0], '/slow')

  t.is(answer.status, 503)
  t.regex(answer.body.toString(), /PLEXNET_HANDLER_TIMEOUT/)
  resolve('late')
  await late
  t.is((await ask(gateway.http[0], '/never')).status, 503)
  t.is((await ask(gateway.http[0], '/a.txt')).status, 200)
})

test('a stream may go on for longer than the time to its beginning', async t => {
  const gateway = await newSite(t, { handlerLimits: { timeout: 30 } })
  const events = new Readable({ read: () => undefined })

  gateway.handlers.handle('/events', (_, reply) => reply.type('text/event-stream').send(events))

  events.push('data: 1\n\n')

  const response = await begin(gateway.http[0], '/events')

  await once(response, 'data')
  // Time itself is what this is about: the bound passes.
  await delay(60)
  events.push('data: 2\n\n')
  await once(response, 'data')
  events.push(null)
  await once(response.resume(), 'end')
  t.true(response.complete)
})

test('a stream that fails cuts the connection, so that no half answer looks whole', async t => {
  const gateway = await newSite(t)

  gateway.handlers.handle('/breaks', () =>
    Readable.from(
      (async function* () {
        yield 'a'
        await Promise.reject(new Error('broken'))
      })()
    )
  )

  const response = await begin(gateway.http[0], '/breaks')

  await t.throwsAsync(once(response.resume(), 'end'))
  t.is((await ask(gateway.http[0], '/a.txt')).status, 200)
})

test('a client that leaves while a handler works harms nothing', async t => {
  const gateway = await newSite(t)
  const begun = Promise.withResolvers<undefined>()
  const left = Promise.withResolvers<undefined>()

  gateway.handlers.handle('/slow', async request => {
    request.raw.once('close', () => left.resolve(undefined))
    begun.resolve(undefined)
    await left.promise

    return 'nobody reads this'
  })

  const socket = connect(gateway.httpPort, '127.0.0.1')

  socket.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await begun.promise
  socket.destroy()
  await left.promise
  t.is((await ask(gateway.http[0], '/a.txt')).status, 200)
})

test('handlers are for the own site alone, and none can stand before the public documents of the node', async t => {
  const gateway = await newSite(t, { nodeRecord: () => new Uint8Array([1, 2, 3]) })

  gateway.handlers.handle('/:a/:b/:c', () => 'mine')
  t.throws(() => gateway.handlers.handle('/.well-known/plexnet/node', () => 'mine'), {
    code: 'PLEXNET_HANDLER_PATH'
  })
  t.throws(() => gateway.handlers.handle('/:a/:b/:d', () => 'mine'), { code: 'PLEXNET_HANDLER' })
  t.deepEqual([...(await ask(gateway.http[0], '/.well-known/plexnet/node')).body], [1, 2, 3])
  t.is((await ask(gateway.http[0], '/.well-known/plexnet/none')).status, 404)
  t.is((await ask(gateway.http[0], '/x/y/z')).body.toString(), 'mine')
  t.is((await ask(gateway.http[0], '/x/y/z', { host: hostOf(other) })).status, 404)
})

test('a plugin of Fastify adds routes and hooks to the own site, before the node listens', async t => {
  const gateway = await newGateway(t, own)
  const seen: string[] = []

  gateway.handlers.register(
    async (app: FastifyInstance, { word }: { word: string }) => {
      app.get('/plugin', () => ({ word }))
      await Promise.resolve()
    },
    { word: 'hi' }
  )
  gateway.handlers.register(
    Object.assign(
      (app: FastifyInstance, _: object, done: () => void) => {
        app.addHook('onRequest', (request, _reply, next) => {
          seen.push(request.url)
          next()
        })
        done()
      },
      // What fastify-plugin sets, so that hooks hold outside.
      { [Symbol.for('skip-override')]: true }
    ),
    {}
  )
  gateway.handlers.handle('/mine', () => 'mine')
  await gateway.listen()

  t.is((await ask(gateway.http[0], '/plugin')).body.toString(), '{"word":"hi"}')
  t.is((await ask(gateway.http[0], '/mine')).body.toString(), 'mine')
  t.is((await ask(gateway.http[0], '/none')).status, 404)
  t.deepEqual(seen, ['/plugin', '/mine', '/none'])
  t.throws(() => gateway.handlers.register(async () => Promise.resolve(), {}, 'late'), {
    code: 'PLEXNET_HANDLER',
    message: /late.*before the node starts/
  })
})

test('a hook of a plugin that keeps people out keeps them from files in memory too', async t => {
  const gateway = await newGateway(t, own)
  let isOpen = true

  gateway.handlers.register(
    Object.assign(
      (app: FastifyInstance, _: object, done: () => void) => {
        app.addHook('onRequest', (_request, reply, next) => {
          if (isOpen) next()
          else void reply.code(401).send('no')
        })
        done()
      },
      { [Symbol.for('skip-override')]: true }
    ),
    {}
  )
  await gateway.listen()
  await gateway.publish(import.meta.dirname)

  const path = '/rules.test.ts'

  t.is((await ask(gateway.http[0], path)).status, 200)
  t.is((await ask(gateway.http[0], path)).status, 200)
  isOpen = false
  t.is((await ask(gateway.http[0], path)).status, 401)
})

const BAD_PLUGINS: [string, (app: FastifyInstance) => void, RegExp][] = [
  [
    'fails',
    () => {
      throw new Error('no database')
    },
    /bad cannot be used: no database/
  ],
  [
    'takes the place of a public document',
    app => app.get('/.well-known/plexnet/node', () => 'x'),
    /bad cannot be used: .*for the node itself/
  ]
]

for (const [what, load, message] of BAD_PLUGINS) {
  test(`a plugin that ${what} is named, and nothing listens`, async t => {
    const gateway = await newGateway(t, own)

    gateway.handlers.register(
      async (app: FastifyInstance) => {
        await Promise.resolve()
        load(app)
      },
      {},
      'bad'
    )
    await t.throwsAsync(gateway.listen(), { code: 'PLEXNET_PLUGIN', message })
  })
}
