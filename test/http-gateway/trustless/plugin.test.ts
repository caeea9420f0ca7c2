import test from 'ava'
import { CacheOffer } from '../../../overlay/content/siblings/index.ts'
import { newPerson } from '../../helpers/identities.ts'
import { ask } from '../client.ts'
import { hostOf, newPublisher } from '../fixture.ts'
import { newContent, newVerifyingReader, ownTreeOf, signedFolder } from '../verified/fixture.ts'

const [publisher, reader] = await Promise.all([newPerson(), newPerson()])
const FILES = { 'index.html': 'hello', 'ipfs/pictures/a.txt': 'a folder of this name' }

test('a node answers for the blocks of its own site at all of its own names', async t => {
  const folder = await signedFolder(publisher, FILES)
  const { http } = await newPublisher(t, publisher.identity, FILES, {
    ownTree: () => ownTreeOf(folder)
  })
  const root = folder.tree.root.toString()
  const statusAt = async (host: string): Promise<number> =>
    (await ask(http[0], `/ipfs/${root}?format=raw`, { host })).status

  t.is(await statusAt('localhost'), 200)
  t.is(await statusAt('203.0.113.7'), 200)
  t.is(await statusAt(hostOf(publisher.identity)), 200)
  t.is(await statusAt('evil.example'), 421)
  t.is((await ask(http[0], `/ipfs/${root}?format=raw`, { method: 'POST' })).status, 405)
})

test('a published folder with the name ipfs is served as any other', async t => {
  const { http } = await newPublisher(t, publisher.identity, FILES)

  t.is((await ask(http[0], '/ipfs/pictures/a.txt')).body.toString(), 'a folder of this name')
  t.is((await ask(http[0], '/ipfs/nothing')).status, 404)
})

test('what was read of others is given by CID to programs here, and to anyone where the owner wants it', async t => {
  const folder = await signedFolder(publisher, FILES)
  const origin = await newPublisher(t, publisher.identity, FILES, {
    ownTree: () => ownTreeOf(folder)
  })
  const path = `/ipfs/${folder.tree.root.toString()}?format=raw`
  const stored = newContent()
  const local = await newVerifyingReader(t, reader, publisher, origin.https, { stored })
  const sharing = await newVerifyingReader(t, reader, publisher, origin.https, {
    stored,
    cacheOffer: new CacheOffer({ until: Infinity, quota: Infinity })
  })
  const statusAt = async (gateway: typeof local, relayed: boolean): Promise<number> =>
    (
      await ask(gateway.http[0], path, {
        headers: relayed ? { 'x-forwarded-for': '192.0.2.1' } : {}
      })
    ).status

  t.is(await statusAt(local, false), 404)
  await ask(local.http[0], '/', { host: hostOf(publisher.identity) })
  t.is(await statusAt(local, false), 200)
  t.is(await statusAt(local, true), 404)
  t.is(await statusAt(sharing, true), 200)
})

test('a reader that offers its cache for a while gives so many bytes of what it read, and nothing afterwards (C4, C13)', async t => {
  const folder = await signedFolder(publisher, FILES)
  const origin = await newPublisher(t, publisher.identity, FILES, {
    ownTree: () => ownTreeOf(folder)
  })
  const root = folder.tree.root
  const size = (await folder.tree.block(root))?.length ?? 0
  const host = hostOf(publisher.identity)
  const stored = newContent()
  const answersOf = async (offer: CacheOffer, ...methods: string[]): Promise<number[]> => {
    const gateway = await newVerifyingReader(t, reader, publisher, origin.https, {
      stored,
      cacheOffer: offer
    })
    const statuses: number[] = []

    await ask(gateway.http[0], '/', { host })
    for (const method of methods) {
      const headers = { 'x-forwarded-for': '192.0.2.1', 'cache-control': 'only-if-cached' }
      const answer = await ask(gateway.http[0], `/ipfs/${root.toString()}?format=raw`, {
        method,
        headers
      })

      statuses.push(answer.status)
    }

    return statuses
  }
  const twice = new CacheOffer({ until: Infinity, quota: 2 * size })

  // To ask whether it is there costs nothing of what is offered.
  t.deepEqual(
    await answersOf(twice, 'HEAD', 'HEAD', 'HEAD', 'GET', 'GET', 'GET', 'HEAD'),
    [200, 200, 200, 200, 200, 412, 412]
  )
  t.is(twice.sent, 2 * size)
  t.deepEqual(
    await answersOf(new CacheOffer({ until: 1, quota: Infinity }), 'HEAD', 'GET'),
    [412, 412]
  )
})
