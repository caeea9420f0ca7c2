import { buffer } from 'node:stream/consumers'
import test from 'ava'
import { newPerson } from '../../helpers/identities.ts'
import { siteOf } from '../../helpers/site-records.ts'
import { ask } from '../client.ts'
import { hostOf, newPublisher } from '../fixture.ts'
import {
  newContent,
  newSignedPublisher,
  newVerifyingReader,
  ownTreeOf,
  signedFolder,
  FILES,
  BIG,
  type Problem
} from './fixture.ts'

const [publisher, reader] = await Promise.all([newPerson(), newPerson()])
const host = hostOf(publisher.identity)
const NOWHERE = 'https://127.0.0.1:9'

test('with the publisher gone, what was read before is read again, with the age of its last word', async t => {
  const { gateway } = await newSignedPublisher(t, publisher, FILES)
  const stored = newContent()
  const first = await newVerifyingReader(t, reader, publisher, gateway.https, { stored })

  t.true((await ask(first.http[0], '/big.bin', { host })).body.equals(BIG))
  await ask(first.http[0], '/', { host })
  await first.close()
  await gateway.close()

  const { http } = await newVerifyingReader(t, reader, publisher, [NOWHERE], { stored })
  const again = await ask(http[0], '/big.bin', { host })

  t.true(again.body.equals(BIG))
  t.is((await ask(http[0], '/', { host })).body.toString(), '<h1>hello</h1>')

  const part = await ask(http[0], '/big.bin', { host, headers: { range: 'bytes=5-9' } })

  t.true(part.body.equals(BIG.subarray(5, 10)))

  const unread = await ask(http[0], '/style.css', { host })
  const problem = JSON.parse(unread.body.toString()) as Problem

  t.is(unread.status, 502)
  t.is(problem.code, 'PLEXNET_BLOCK_UNAVAILABLE')

  const missing = await ask(http[0], '/nothing', { host })

  t.is(missing.status, 404)
  t.is((JSON.parse(missing.body.toString()) as Problem).code, 'PLEXNET_NO_DOCUMENT')
})

test('with the publisher gone, an ordinary web server with a copy serves the files of the tree', async t => {
  const { gateway } = await newSignedPublisher(t, publisher, FILES)
  const copy = await newPublisher(t, reader.identity, FILES)
  const stored = newContent([`web+${copy.http[0] ?? ''}/#${host.replace('.localhost', '')}`])
  const { http } = await newVerifyingReader(t, reader, publisher, gateway.https, { stored })

  // The list of its blocks, and none of them.
  await ask(http[0], '/big.bin', { host, method: 'HEAD' })
  await gateway.close()
  t.true((await ask(http[0], '/big.bin', { host })).body.equals(BIG))
})

test('a HEAD for a stale file says how old the word of its publisher is', async t => {
  const folder = await signedFolder(publisher, FILES)
  const issued = Date.now() - 3_600_000
  const stored = newContent()

  folder.site = siteOf(publisher, folder.tree.root, { issued, expires: issued + 7_200_000 })
  await stored.knownSites.keep({ site: folder.site, confirmed: issued })

  const gateway = await newPublisher(t, reader.identity, {}, { ownTree: () => ownTreeOf(folder) })
  const { http } = await newVerifyingReader(t, reader, publisher, [NOWHERE], {
    stored: { ...stored, sources: newContent([`gateway+${gateway.http[0] ?? ''}/`]).sources }
  })
  const { status, headers } = await ask(http[0], '/style.css', { host, method: 'HEAD' })

  t.is(status, 200)
  t.true(Number(headers.age) >= 3600)
  t.is(headers['plexnet-stale'], `?1;age=${headers.age}`)
})

test('a program gets the same verified bytes as a browser, with the publisher gone, too', async t => {
  const { gateway, folder } = await newSignedPublisher(t, publisher, FILES)
  const stored = newContent()
  const own = await newVerifyingReader(t, reader, publisher, gateway.https, { stored })
  const { address } = publisher.identity
  const answer = await own.fetch(address, '/big.bin')

  t.is(answer.status, 200)
  t.true(String(answer.headers['plexnet-verified']).includes(folder.tree.root.toString()))
  t.true((await buffer(answer.body)).equals(BIG))

  await gateway.close()

  const part = await own.fetch(address, '/big.bin', { headers: { range: 'bytes=0-3' } })

  t.is(part.status, 206)
  t.true((await buffer(part.body)).equals(BIG.subarray(0, 4)))
})
