import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import test from 'ava'
import { formatLabel } from '../../identity/index.ts'
import { newGateway, newIdentity, recordOf, resolutionOf, temporaryDirectory } from './fixture.ts'
import { ask } from './client.ts'

test('a document of another node comes through the gateway over pinned TLS', async t => {
  const [publisher, reader] = await Promise.all([newIdentity(t), newIdentity(t)])
  const origin = await newGateway(t, publisher)
  const folder = await temporaryDirectory(t)
  const content = randomBytes(3_000_000)

  await writeFile(join(folder, 'big.bin'), content)
  await writeFile(join(folder, 'index.html'), '<h1>hello</h1>')
  await origin.listen()
  await origin.publish(folder)

  const gateway = await newGateway(t, reader, {
    resolve: async () => Promise.resolve(resolutionOf(recordOf(publisher, origin.https)))
  })

  await gateway.listen()

  const host = `${formatLabel(publisher.address)}.localhost`
  const page = await ask(gateway.http[0], '/', { host })
  t.is(page.status, 200)
  t.is(page.body.toString(), '<h1>hello</h1>')
  t.regex(page.headers.via ?? '', /^1\.1 plexnet-/)

  const big = await ask(gateway.http[0], '/big.bin', { host })
  t.deepEqual(big.body, content)

  const fetched = await gateway.fetch(publisher.address, '/big.bin')
  t.is(fetched.status, 200)
  t.deepEqual(await buffer(fetched.body), content)
})
