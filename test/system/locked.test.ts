import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { NodeStatus } from '../../node.ts'
import { startTestProcess } from '../helpers/node-processes.ts'
import { siteThatSays } from '../helpers/sites.ts'
import { PASSPHRASE, startTestnet, startTestNode, temporaryFolder } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

test('a node that starts without its passphrase serves and reads, and is found once it is unlocked', async t => {
  // A23
  t.timeout(60_000)

  const { nodes, seedUrl } = await startTestnet(t, 1)
  const [other] = nodes
  const locked = await startTestProcess(t, { locked: true, seeds: [seedUrl] })

  await other.node.publish(await siteThatSays(t, 'of another'))
  await locked.event('joined')

  t.true(locked.ready.locked)
  t.regex((await locked.event('warning')).message, /plexnet unlock/)

  await locked.ask('publish', await siteThatSays(t, 'mine, locked'))
  t.regex((await ask(locked.gateway, '/')).body.toString(), /mine, locked/)
  t.regex((await ask(locked.gateway, '/', { host: other.host })).body.toString(), /of another/)
  t.is((await ask(other.gateway, '/', { host: locked.host })).status, 404)

  const wrong = join(await temporaryFolder(t), 'wrong')

  await writeFile(wrong, 'not this one\n')
  await t.throwsAsync(locked.ask('unlock', '--passphrase-file', wrong), {
    // The exit code for "denied".
    message: /ended with code 7.*PLEXNET_WRONG_PASSPHRASE/
  })
  t.true((await locked.ask<NodeStatus>('status')).locked)

  const right = join(await temporaryFolder(t), 'right')

  await writeFile(right, `${PASSPHRASE}\n`)
  await locked.ask('unlock', '--passphrase-file', right)
  await locked.event('renewed', ({ what }) => what === 'record')

  t.false((await locked.ask<NodeStatus>('status')).locked)

  // Another reader: the first remembers for a moment that nobody knew the address.
  const reader = await startTestNode(t, { seeds: [seedUrl] })

  await reader.event('joined')
  t.regex((await ask(reader.gateway, '/', { host: locked.host })).body.toString(), /mine, locked/)
})

test('a node that starts again without its passphrase is still found, by the record of its last run', async t => {
  // A23
  t.timeout(60_000)

  const { nodes, seedUrl } = await startTestnet(t, 2)
  const [reader, publisher] = nodes
  const ports = {
    'gateway.https_port': Number(new URL(publisher.ready.https[0] ?? '').port),
    'overlay.p2p_port': Number(
      /\/ip4\/127\.0\.0\.1\/tcp\/(\d+)/.exec(publisher.ready.p2p.join())?.[1]
    )
  }

  await publisher.node.publish(await siteThatSays(t, 'locked since'))
  await publisher.stop()

  const again = await startTestNode(t, {
    home: publisher.home,
    seeds: [seedUrl],
    locked: true,
    flags: ports
  })

  await again.event('joined')
  t.true((await again.node.status()).locked)
  t.regex((await ask(reader.gateway, '/', { host: again.host })).body.toString(), /locked since/)
})
