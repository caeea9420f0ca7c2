import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import test, { type ExecutionContext } from 'ava'
import type { Gateway } from '../../../http-gateway/index.ts'
import { formatAddress } from '../../../identity/index.ts'
import { SiblingLedger } from '../../../overlay/content/siblings/index.ts'
import { startDelayedPath } from '../../helpers/delayed-path.ts'
import { newPerson, type Person } from '../../helpers/identities.ts'
import { ask } from '../client.ts'
import { hostOf, newGateway, recordOf, resolutionOf } from '../fixture.ts'
import {
  newContent,
  newOrigin,
  newSignedPublisher,
  newVerifyingReader
} from '../verified/fixture.ts'

const FILM = randomBytes(3_000_000)
const FAR = 150
const NEAR = 2

interface World {
  readonly reader: Gateway
  readonly host: string
  readonly ledger: SiblingLedger
  /** Requests for blocks that came to the sibling. */
  readonly asked: string[]
}

/** A publisher, a sibling that read the film where told, and a reader that takes the publisher for far. */
async function start(
  t: ExecutionContext,
  { hasRead = true, origin = FAR }: { hasRead?: boolean; origin?: number } = {}
): Promise<World> {
  const [publisher, other] = await Promise.all([newPerson(), newPerson()])
  const { gateway } = await newSignedPublisher(t, publisher, { 'film.bin': FILM })
  const host = hostOf(publisher.identity)
  const sibling = await newVerifyingReader(t, other, publisher, gateway.https)
  const asked: string[] = []

  if (hasRead) t.true((await ask(sibling.http[0], '/film.bin', { host })).body.equals(FILM))
  sibling.events.listen('request', ({ method, target, status }) => {
    if (target.startsWith('/ipfs/')) asked.push(`${method} ${status}`)
  })

  return {
    ...(await startReader(
      t,
      { publisher, published: gateway.https },
      [other, sibling.https],
      origin
    )),
    host,
    asked
  }
}

/** The same with a sibling that answers as the test says. */
async function startWith(t: ExecutionContext, answer: RequestListener): Promise<World> {
  const [publisher, other] = await Promise.all([newPerson(), newPerson()])
  const { gateway } = await newSignedPublisher(t, publisher, { 'film.bin': FILM })
  const asked: string[] = []
  const endpoint = await newOrigin(t, other, (request, response) => {
    asked.push(request.method ?? '')
    answer(request, response)
  })

  return {
    ...(await startReader(t, { publisher, published: gateway.https }, [other, [endpoint]], FAR)),
    host: hostOf(publisher.identity),
    asked
  }
}

async function startReader(
  t: ExecutionContext,
  { publisher, published }: { publisher: Person; published: readonly string[] },
  [other, endpoints]: readonly [Person, readonly string[]],
  origin: number
): Promise<Pick<World, 'reader' | 'ledger'>> {
  const ledger = new SiblingLedger()
  const [person, line] = await Promise.all([newPerson(), startDelayedPath(t, published[0], origin)])
  const reader = await newGateway(t, person.identity, {
    resolve: async ({ fp }) =>
      resolutionOf(
        fp === other.identity.address.fp
          ? recordOf(other.identity, endpoints)
          : recordOf(publisher.identity, [line.url])
      ),
    content: async () => ({
      ...newContent(),
      standingOf: address => ({
        roundTrip:
          formatAddress(address) === formatAddress(publisher.identity.address) ? origin : NEAR,
        trust: 0
      }),
      siblings: {
        list: () => [{ address: other.identity.address, roundTrip: NEAR }],
        ledger
      }
    })
  })

  await reader.listen()

  return { reader, ledger }
}

/** The film, once the sibling has said that it has it; on a busy machine that may be later than a reader waits. */
async function readWithSibling({ reader, host, ledger }: World): Promise<Buffer> {
  await ask(reader.http[0], '/film.bin', { host, headers: { range: 'bytes=0-999' } })
  while (ledger.counts.hits === 0) await new Promise(resolve => setImmediate(resolve))

  return (await ask(reader.http[0], '/film.bin', { host })).body
}

test('what a sibling has read comes from there, too, after one question (C16)', async t => {
  const world = await start(t)

  t.true((await readWithSibling(world)).equals(FILM))
  t.is(world.asked[0], 'HEAD 200')
  t.is(world.asked.filter(each => each.startsWith('HEAD')).length, 1)

  const { asked, hits, bytes, blocks, saved } = world.ledger.counts

  t.deepEqual([asked, hits], [1, 1])
  t.true(blocks > 0 && bytes > 0)
  t.true(saved > 0)
})

test('a sibling that has nothing costs one small request, and the origin sends all', async t => {
  const { reader, host, ledger, asked } = await start(t, { hasRead: false })

  for (const range of ['bytes=0-999', 'bytes=1000000-1000999', 'bytes=2000000-2000999'])
    t.is((await ask(reader.http[0], '/film.bin', { host, headers: { range } })).status, 206)
  // It may answer later than anybody waits.
  t.true(
    asked.every(each => each === 'HEAD 412'),
    asked.join(', ')
  )
  t.like(ledger.counts, { asked: 1, hits: 0, bytes: 0 })
})

test('nobody is asked where the origin is near', async t => {
  const { reader, host, ledger, asked } = await start(t, { origin: 5 })

  t.true((await ask(reader.http[0], '/film.bin', { host })).body.equals(FILM))
  t.deepEqual(asked, [])
  t.is(ledger.counts.asked, 0)
})

test('what is here already is asked of nobody', async t => {
  const { reader, host, ledger } = await start(t, { hasRead: false })

  await ask(reader.http[0], '/film.bin', { host })
  t.is(ledger.counts.asked, 1)
  await ask(reader.http[0], '/film.bin', { host })
  t.is(ledger.counts.asked, 1)
})

test('a sibling that says yes and sends other bytes is found out, and the origin sends what is right', async t => {
  const world = await startWith(t, ({ method }, response) => {
    response.end(method === 'HEAD' ? undefined : 'no film at all')
  })

  t.true((await readWithSibling(world)).equals(FILM))
  t.is(world.asked[0], 'HEAD')
  t.true(world.asked.includes('GET'))
})

test('a sibling that says yes and then has nothing costs a question or two more', async t => {
  const world = await startWith(t, ({ method }, response) => {
    response.writeHead(method === 'HEAD' ? 200 : 404).end()
  })

  t.true((await readWithSibling(world)).equals(FILM))
  t.true(world.asked.includes('GET'))
  t.is(world.ledger.counts.bytes, 0)
})

test('a sibling that never answers holds nobody up for longer than the question is worth', async t => {
  const { reader, host, ledger, asked } = await startWith(t, () => undefined)

  t.true((await ask(reader.http[0], '/film.bin', { host })).body.equals(FILM))
  t.deepEqual(asked, ['HEAD'])
  t.true(ledger.counts.waited > 0)
  t.is(ledger.counts.hits, 0)
})
