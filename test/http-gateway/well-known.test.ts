import test from 'ava'
import { formatAddress } from '../../identity/index.ts'
import { newPerson } from '../helpers/identities.ts'
import { rootOf, siteOf } from '../helpers/site-records.ts'
import { hostOf, newGateway, newIdentities } from './fixture.ts'

const person = await newPerson()
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

test('names of others are served by full address, where they are kept', async t => {
  const gateway = await newGateway(t, own, {
    namesOf: async ({ fp }) => (fp === other.address.fp ? Uint8Array.of(4) : undefined)
  })
  const at = async (address: string) =>
    gateway.inject({
      url: `/.well-known/plexnet/names/${address}`,
      headers: { host: 'localhost' }
    })
  const kept = await at(formatAddress(other.address))

  t.is(kept.headers['content-type'], 'application/vnd.plexnet.names')
  t.deepEqual([...kept.rawPayload], [4])
  t.is((await at(formatAddress(own.address))).statusCode, 503)
  t.is((await at(own.address.uuid)).statusCode, 400)
})

// C2, C11: a mirror or reader takes the record from here, and asks again for nothing while it is the same.
test('the record of the site is served with its sequence number as tag', async t => {
  const site = siteOf(person, rootOf('one'), { seq: 7 })
  const ownTree = { root: site.root, site, record: site.bytes, block: async () => undefined }
  const gateway = await newGateway(t, own, { ownTree: () => ownTree })
  const at = async (method: 'GET' | 'HEAD', headers = {}) =>
    gateway.inject({
      method,
      url: '/.well-known/plexnet/site',
      headers: { host: 'localhost', ...headers }
    })
  const got = await at('GET')

  t.is(got.statusCode, 200)
  t.is(got.headers['content-type'], 'application/vnd.plexnet.site')
  t.is(got.headers.etag, '"7"')
  t.deepEqual(new Uint8Array(got.rawPayload), site.bytes)
  t.is((await at('HEAD')).headers['content-length'], String(site.bytes.length))
  t.is((await at('HEAD')).rawPayload.length, 0)
  t.is((await at('GET', { 'if-none-match': '"7"' })).statusCode, 304)
  t.is((await at('GET', { 'if-none-match': '"6"' })).statusCode, 200)
  t.is((await at('GET', { 'if-match': '"6"' })).statusCode, 412)
})

test('a node that publishes nothing has no record of a site', async t => {
  const gateway = await newGateway(t, own)
  const { statusCode, rawPayload } = await gateway.inject({
    url: '/.well-known/plexnet/site',
    headers: { host: 'localhost' }
  })

  t.is(statusCode, 404)
  t.true(rawPayload.length > 512)
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

test('a mirror has the record of the site that it mirrors, for anybody, under the full address', async t => {
  const site = siteOf(person, rootOf('mirrored'))
  const gateway = await newGateway(t, own, {
    mirroredSite: address => (address.fp === site.address.fp ? site : undefined)
  })
  const at = async (address: string, headers = {}) =>
    gateway.inject({
      url: `/.well-known/plexnet/site/${address}`,
      headers: { host: '203.0.113.7', ...headers }
    })
  const name = formatAddress(site.address)
  const { statusCode, headers, rawPayload } = await at(name)

  t.is(statusCode, 200)
  t.is(headers['content-type'], 'application/vnd.plexnet.site')
  t.deepEqual(new Uint8Array(rawPayload), site.bytes)
  t.is((await at(name, { 'if-none-match': `"${site.seq}"` })).statusCode, 304)

  // By which a friend is asked whether it is a mirror.
  const asked = await gateway.inject({
    method: 'HEAD',
    url: `/.well-known/plexnet/site/${name}`,
    headers: { host: 'localhost' }
  })

  t.is(asked.statusCode, 200)
  t.is(asked.rawPayload.length, 0)
  t.is((await at(formatAddress(own.address))).statusCode, 404)
  t.is((await at(site.address.uuid)).statusCode, 400)
  t.is((await at('nonsense')).statusCode, 400)
})
