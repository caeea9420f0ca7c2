import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { siteThatSays } from '../helpers/sites.ts'
import { startTestnet } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

const YEAR = 365 * 24 * 3_600_000

// A28
test('a new version of a site, and a statement of trust, are told to nodes that never asked', async t => {
  t.timeout(120_000)

  const {
    nodes: [publisher, reader, friend]
  } = await startTestnet(t, 3)
  const folder = await siteThatSays(t, 'the first version')

  await publisher.node.publish(folder)

  const first = await reader.event('heard', ({ kind }) => kind === 'site')

  t.like(first, { origin: publisher.ready.address, distance: undefined })
  t.true(
    (await ask(reader.gateway, '/', { host: publisher.host })).body.includes('the first version')
  )

  await writeFile(join(folder, 'index.html'), 'the second version')
  await reader.event('heard', ({ kind, seq }) => kind === 'site' && seq > first.seq)
  t.true(
    (await ask(reader.gateway, '/', { host: publisher.host })).body.includes('the second version')
  )

  await reader.node.trust.add({
    address: friend.ready.address,
    domains: ['identify'],
    level: 2,
    lifetime: YEAR,
    isPrivate: false
  })
  await friend.node.trust.add({
    address: publisher.ready.address,
    domains: ['identify'],
    level: 2,
    lifetime: YEAR,
    isPrivate: false
  })

  const heard = await reader.event(
    'heard',
    ({ kind, origin }) => kind === 'trust' && origin === friend.ready.address
  )

  t.is(heard.distance, 1)
  t.is((await reader.node.trust.why(publisher.ready.address, 'identify')).level, 2)
})
