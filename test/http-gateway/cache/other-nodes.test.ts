/** The cache before other nodes, where they answer themselves. */
import test, { type ExecutionContext } from 'ava'
import type { Gateway } from '../../../http-gateway/index.ts'
import { ask } from '../client.ts'
import { hostOf, newGateway, newIdentities, newReader } from '../fixture.ts'

const { publisher, reader } = await newIdentities('publisher', 'reader')
const host = hostOf(publisher)

interface Pair {
  readonly origin: string | undefined
  /** Requests that came to the publisher. */
  readonly asked: () => number
  readonly publisher: Gateway
  readonly segment: string
}

async function newPair(t: ExecutionContext): Promise<Pair> {
  let asked = 0
  const gateway = await newGateway(t, publisher)

  gateway.app.get('/api/*', async (request, reply) => {
    asked++
    void reply.header('Cache-Control', 'max-age=60').header('Set-Cookie', 'a=b')

    return `${asked} ${request.headers.cookie ?? 'nobody'}`
  })
  gateway.app.get('/brief', async (_request, reply) => {
    asked++
    void reply.header('Cache-Control', 'max-age=0').header('ETag', '"same"')

    return 'brief'
  })
  await gateway.listen()

  const { http } = await newReader(t, reader, publisher, gateway.https)

  return {
    origin: http[0],
    asked: () => asked,
    publisher: gateway,
    segment: `${publisher.address.uuid}.${publisher.address.fp}`
  }
}

test('what another node lets be kept is asked for once, in both forms of its address', async t => {
  const { origin, asked, segment } = await newPair(t)
  const first = await ask(origin, '/api/x', { host })
  const second = await ask(origin, '/api/x', { host })
  const inPath = await ask(origin, `/${segment}/api/x`)

  t.is(first.headers['cache-status'], 'plexnet; fwd=uri-miss; stored')
  t.regex(String(second.headers['cache-status']), /^plexnet; hit/)
  t.is(second.body.toString(), '1 nobody')
  t.is(inPath.body.toString(), '1 nobody')
  // All sites share an origin in the path form.
  t.is(inPath.headers['set-cookie'], undefined)
  t.is(asked(), 1)
})

test('an answer to a bare UUID is not kept, since another node may answer to it in a moment', async t => {
  const { origin, asked } = await newPair(t)
  const bare = `${publisher.address.uuid}.localhost`

  await ask(origin, '/api/x', { host: bare })
  t.is((await ask(origin, '/api/x', { host: bare })).headers['cache-status'], 'plexnet; fwd=bypass')
  t.is(asked(), 2)
})

// A50
test('what was read before is read again, with its age, while its node is away', async t => {
  const { origin, publisher: gateway } = await newPair(t)

  t.is((await ask(origin, '/brief', { host })).status, 200)
  await gateway.close()

  const answer = await ask(origin, '/brief', { host })

  t.is(answer.status, 200)
  t.is(answer.body.toString(), 'brief')
  t.regex(String(answer.headers['cache-status']), /hit; ttl=.*; detail=origin-unreachable$/)
  t.regex(answer.headers.age ?? '', /^\d+$/)
  t.is((await ask(origin, '/never', { host })).status, 502)
})
