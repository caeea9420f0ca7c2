/** A key that is replaced, and one that is revoked, among real nodes. */
import { join } from 'node:path'
import test from 'ava'
import { encodeEnd, formatEnd } from '../../discovery/index.ts'
import {
  openIdentity,
  parseFullAddress,
  parseUuid,
  unlockAuthority,
  type Authority,
  type Identity
} from '../../identity/index.ts'
import { siteThatSays } from '../helpers/sites.ts'
import {
  PASSPHRASE,
  startTestnet,
  startTestNode,
  untilFound,
  type TestNode
} from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

const YEAR = 365 * 24 * 3_600_000

async function keysOf(
  node: TestNode
): Promise<{ readonly identity: Identity; readonly authority: Authority }> {
  const directory = join(node.home, 'data', 'identity')
  const identity = await openIdentity(directory)

  return { identity, authority: await unlockAuthority(directory, identity, PASSPHRASE) }
}

test('pin, trust and readers move to the node that the old key names, and to nobody after a revocation', async t => {
  t.timeout(120_000)

  const uuid = parseUuid('7d444840-9dc0-11d1-b245-5ffdce74fad2')
  const {
    nodes: [reader, other],
    seedUrl
  } = await startTestnet(t, 2)
  const old = await startTestNode(t, { uuid, seeds: [seedUrl] })

  await untilFound(old)
  await reader.node.trust.add({
    address: old.ready.address,
    domains: ['identify', 'mirror'],
    level: 2,
    lifetime: YEAR,
    isPrivate: false
  })

  const { identity, authority } = await keysOf(old)
  const sign = (message: Uint8Array): Uint8Array => authority.sign(message)

  await old.stop()

  const renewed = await startTestNode(t, { uuid, seeds: [seedUrl] })

  await renewed.node.publish(await siteThatSays(t, 'the same node'))
  await untilFound(renewed)
  // Until the old key says so it is somebody else.
  t.not((await reader.node.resolve(uuid, { fresh: true })).address, renewed.ready.address)

  const successor = parseFullAddress(renewed.ready.address)
  const succession = formatEnd(
    encodeEnd(identity, { kind: 'succeeded', successor }, { sign, now: Date.now() })
  )

  await t.throwsAsync(other.node.tellEnd(succession), { message: /give it to that node/ })
  t.deepEqual(await renewed.node.tellEnd(succession), {
    address: old.ready.address,
    successor: renewed.ready.address
  })

  t.like(await reader.node.resolve(uuid, { fresh: true }), {
    address: renewed.ready.address,
    assurance: 'pinned'
  })

  const { status, headers } = await ask(reader.gateway, '/page?a=b', { host: old.host })

  t.is(status, 307)
  t.is(new URL(String(headers['location'])).hostname, renewed.host)
  t.true(String(headers['location']).endsWith('/page?a=b'))
  t.true((await ask(reader.gateway, '/', { host: renewed.host })).body.includes('the same node'))

  await reader.event('warning', ({ code }) => code === 'PLEXNET_SUCCESSION')
  for (;;) {
    const { own } = await reader.node.trust.list()

    if (own.length === 2 && own.every(({ address }) => address === renewed.ready.address)) break
  }

  const revocation = formatEnd(encodeEnd(identity, { kind: 'revoked' }, { sign, now: Date.now() }))

  // Whoever has the paper can tell it, from any node.
  await other.node.tellEnd(revocation)
  await t.throwsAsync(reader.node.resolve(old.ready.address, { fresh: true }), {
    message: /was revoked by its owner/
  })
  t.is((await ask(reader.gateway, '/', { host: old.host })).status, 502)
})
