import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { fastify } from 'fastify'
import { ControlError, type TrailStep } from '../../../http-gateway/control/index.ts'
import { controlPlugin } from '../../../http-gateway/control/plugin.ts'
import { WrongPassphraseError } from '../../../identity/index.ts'
import { fakeNode } from './fake-node.ts'
import { controlled } from './helpers.ts'

test('each question is answered as the node answers it', async t => {
  const node = fakeNode()
  const client = await controlled(t, node)

  t.deepEqual(await client.status(), await node.status())
  t.deepEqual(await client.id(), await node.id())
  t.deepEqual(await client.peers(), await node.peers())
  t.deepEqual(await client.seed(), await node.seed())
  t.deepEqual(await client.config(), await node.config())
  t.is(await client.metrics(), await node.metrics())
  t.deepEqual(await client.resolve('a'), await node.resolve('a'))
})

test('what is asked for reaches the node', async t => {
  const asked: unknown[] = []
  const client = await controlled(t, {
    publish: async folder => {
      asked.push(folder)
      return fakeNode().publish(folder)
    },
    resolve: async (address, options) => {
      asked.push([address, options?.fresh])
      return fakeNode().resolve(address)
    },
    unlock: async passphrase => {
      asked.push(passphrase)
    },
    fetch: async (address, path, options) => {
      asked.push([address, path, options?.method, options?.headers])
      return fakeNode().fetch(address, path)
    }
  })

  t.is((await client.publish('/srv/site')).root, '/srv/site')
  await client.unpublish()
  await client.resolve('uuid', { fresh: true })
  await client.unlock('pass phrase')
  await client.fetch('uuid', '/a?b', { method: 'HEAD', headers: { range: 'bytes=0-1' } })

  t.deepEqual(asked, [
    '/srv/site',
    ['uuid', true],
    'pass phrase',
    ['uuid', '/a?b', 'HEAD', { range: 'bytes=0-1' }]
  ])
})

test('an error comes back with its code, its message and what was tried', async t => {
  const trail: TrailStep[] = [
    { step: 'dht', outcome: 'failed', detail: 'nobody has it', milliseconds: 12 }
  ]
  const client = await controlled(t, {
    resolve: async () => {
      throw Object.assign(new Error('No node is known'), { code: 'PLEXNET_NOT_FOUND', trail })
    },
    unlock: async () => {
      throw new WrongPassphraseError('the key')
    }
  })

  const missing = await t.throwsAsync(client.resolve('x'), {
    instanceOf: ControlError,
    code: 'PLEXNET_NOT_FOUND',
    message: 'No node is known'
  })
  t.deepEqual(missing.trail, trail)
  t.is(missing.status, 404)
  await t.throwsAsync(client.unlock('x'), {
    instanceOf: ControlError,
    code: 'PLEXNET_WRONG_PASSPHRASE'
  })
})

test('a fetched document comes with its own status and header fields', async t => {
  const client = await controlled(t, {
    fetch: async () => ({
      status: 206,
      headers: { 'content-type': 'text/html', 'set-cookie': ['a=1', 'b=2'], 'x-name': 'é\r\n' },
      body: Readable.from(['he', 'llo'])
    })
  })
  const { status, headers, body } = await client.fetch('uuid', '/')

  t.is(status, 206)
  t.deepEqual(headers, {
    'content-type': 'text/html',
    'set-cookie': ['a=1', 'b=2'],
    'x-name': 'é\r\n'
  })
  t.is(await text(body), 'hello')
})

test('a document that nobody reads is not fetched into memory', async t => {
  const chunk = Buffer.alloc(64 * 1024)
  let produced = 0
  const { promise: paused, resolve } = Promise.withResolvers<void>()
  const source = new Readable({
    read() {
      produced += chunk.length
      // Asked for on the next turn, so that a source that is never made to wait would not end.
      setImmediate(() => this.push(chunk))
    }
  })
  const client = await controlled(t, {
    fetch: async () => ({ status: 200, headers: {}, body: source })
  })
  const { body } = await client.fetch('uuid', '/endless')

  // Quiet when a turn of the loop has passed in which nothing more was asked for.
  let before = -1
  let quiet = 0
  const look = (): void => {
    quiet = produced === before ? quiet + 1 : 0
    before = produced
    if (quiet > 100) resolve()
    else setImmediate(look)
  }
  look()
  await paused

  t.true(produced < 4 * 1024 * 1024, `${produced} bytes`)
  const closed = once(source, 'close')
  body.destroy()
  await closed
  t.true(source.destroyed)
})

test('a document that is cut short fails on the other side', async t => {
  const source = new PassThrough()
  const client = await controlled(t, {
    fetch: async () => ({ status: 200, headers: {}, body: source })
  })
  source.write('half')
  const { body } = await client.fetch('uuid', '/')
  await once(body, 'data')
  source.destroy(new Error('the other node went away'))

  await t.throwsAsync(text(body), { code: 'ECONNRESET' })
})

test('a client that goes away ends what was asked for it', async t => {
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<AbortSignal | undefined>()
  const client = await controlled(t, {
    resolve: async (_, options) => {
      isAsked(options?.signal)
      return new Promise(() => {})
    }
  })
  const controller = new AbortController()
  const resolving = client.resolve('x', { signal: controller.signal })
  const signal = await asked
  const aborted = signal == null ? t.fail() : once(signal, 'abort')
  controller.abort()

  await t.throwsAsync(resolving, { name: 'AbortError' })
  await aborted
  t.pass()
})

test('the answer to stop goes out before the node stops', async t => {
  const { promise: stopped, resolve } = Promise.withResolvers<void>()
  const client = await controlled(t, { stop: async () => resolve() })

  await client.stop()
  await stopped
  t.pass()
})

const MEANINGLESS: [method: 'GET' | 'POST', url: string, payload: unknown, detail: RegExp][] = [
  ['GET', '/nothing', undefined, /GET \/nothing is not part of this node/],
  ['POST', '/publish', { folder: 7 }, /a text named "folder"/],
  ['POST', '/resolve', [], /a text named "address"/],
  ['POST', '/fetch', { address: 'a' }, /a text named "path"/],
  ['POST', '/unlock', { passphrase: '' }, /a text named "passphrase"/]
]

for (const [method, url, payload, detail] of MEANINGLESS) {
  test(`${method} ${url} ${JSON.stringify(payload)} is answered with a problem`, async t => {
    const app = fastify()
    await app.register(controlPlugin, { node: fakeNode() })
    const answer = await app.inject({
      method,
      url,
      payload: JSON.stringify(payload) ?? '',
      headers: { 'content-type': 'application/json' }
    })

    t.is(answer.statusCode, 400)
    t.regex(String(answer.headers['content-type']), /^application\/problem\+json/)
    t.regex(answer.json<{ detail: string }>().detail, detail)
    await app.close()
  })
}
