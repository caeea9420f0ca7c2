import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { siteThatSays } from '../helpers/sites.ts'
import { startTestnet, startTestNode, untilFound } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

test('a node whose HTTPS endpoint nobody reaches is read over libp2p, by the connection that it made itself', async t => {
  // A17
  t.timeout(60_000)

  const { nodes, seedUrl } = await startTestnet(t, 1)
  const [reader] = nodes
  // As behind a NAT: the address that it was told to announce leads nowhere (RFC 5737).
  const hidden = await startTestNode(t, {
    seeds: [seedUrl],
    flags: {
      'node.local_only': false,
      'node.ipv4': '203.0.113.7',
      'gateway.bind': ['127.0.0.1'],
      'overlay.mdns': false
    }
  })
  const folder = await siteThatSays(t, 'behind a NAT')
  const content = randomBytes(5_000_000)

  await writeFile(join(folder, 'big.bin'), content)
  await hidden.node.publish(folder)
  await untilFound(hidden)

  const { endpoints } = await reader.node.resolve(hidden.ready.address)

  t.deepEqual(endpoints, [`https://203.0.113.7:${new URL(hidden.ready.https[0] ?? '').port}`])
  t.regex((await ask(reader.gateway, '/', { host: hidden.host })).body.toString(), /behind a NAT/)

  const big = await ask(reader.gateway, '/big.bin', { host: hidden.host })

  t.true(big.body.equals(content))

  const part = await ask(reader.gateway, '/big.bin', {
    host: hidden.host,
    headers: { range: 'bytes=4000000-4000099' }
  })

  t.is(part.status, 206)
  t.true(part.body.equals(content.subarray(4_000_000, 4_000_100)))

  // Only over libp2p is the certificate not TLS's.
  const { trail = [] } = await reader.node.fetch(hidden.ready.address, '/')

  t.true(trail.some(({ detail }) => detail === 'Reached over libp2p.'))
})
