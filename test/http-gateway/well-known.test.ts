import test from 'ava'
import { hostOf, newGateway, newIdentities } from './fixture.ts'

const { own, other } = await newIdentities('own', 'other')

test('the public documents are served as they are, on own names only', async t => {
  const gateway = await newGateway(t, own, {
    nodeRecord: () => Uint8Array.of(1, 2),
    seedAnswer: () => Uint8Array.of(3)
  })
  const at = async (name: string, host = 'localhost') =>
    gateway.inject({ url: `/.well-known/plexnet/${name}`, headers: { host } })
  const node = await at('node', hostOf(own))

  t.is(node.statusCode, 200)
  t.is(node.headers['content-type'], 'application/vnd.plexnet.node')
  t.deepEqual([...node.rawPayload], [1, 2])
  t.is((await at('seed')).headers['content-type'], 'application/vnd.plexnet.seed')
  t.deepEqual([...(await at('seed')).rawPayload], [3])

  const certificate = await at('certificate', '203.0.113.7')

  t.is(certificate.headers['content-type'], 'application/pkix-cert')
  t.deepEqual(new Uint8Array(certificate.rawPayload), own.certificate)
  t.is((await at('none')).statusCode, 404)
  t.is((await at('node', 'evil.example')).statusCode, 421)
  // Of another node it is that node's own.
  t.is((await at('node', hostOf(other))).json<{ code: string }>().code, 'PLEXNET_NOT_FOUND')
})

test('a node that has no record yet says so with 503', async t => {
  const gateway = await newGateway(t, own)

  for (const name of ['node', 'seed']) {
    const { statusCode, headers, rawPayload } = await gateway.inject({
      url: `/.well-known/plexnet/${name}`,
      headers: { host: 'localhost' }
    })

    t.is(statusCode, 503)
    t.is(headers['retry-after'], '5')
    t.true(rawPayload.length > 512)
  }
})
