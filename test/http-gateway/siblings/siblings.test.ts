import { randomBytes } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import type { Gateway } from '../../../http-gateway/index.ts'
import { formatAddress } from '../../../identity/index.ts'
import { SiblingLedger } from '../../../overlay/content/siblings/index.ts'
import { newPerson } from '../../helpers/identities.ts'
import { ask } from '../client.ts'
import { hostOf, newGateway, recordOf, resolutionOf } from '../fixture.ts'
import { newContent, newSignedPublisher, newVerifyingReader } from '../verified/fixture.ts'

const FILM = randomBytes(3_000_000)
const FAR = 150
const NEAR = 2

interface World {
  readonly reader: Gateway
  readonly sibling: Gateway
  readonly host: string
  readonly ledger: SiblingLedger
  /** Requests for /ipfs/ that came to the sibling, with their status. */
  readonly asked: string[]
}

/** A publisher, a sibling that read the film where told, and a reader that takes the publisher for far. */
async function start(
  t: ExecutionContext,
  { hasRead = true, origin = FAR }: { hasRead?: boolean; origin?: number } = {}
): Promise<World> {
  const [publisher, other, person] = await Promise.all([newPerson(), newPerson(), newPerson()])
  const { gateway } = await newSignedPublisher(t, publisher, { 'film.bin': FILM })
  const host = hostOf(publisher.identity)
  const sibling = await newVerifyingReader(t, other, publisher, gateway.https)
  const asked: string[] = []

  if (hasRead) t.true((await ask(sibling.http[0], '/film.bin', { host })).body.equals(FILM))
  sibling.events.listen('request', ({ method, target, status }) => {
    if (target.startsWith('/ipfs/')) asked.push(`${method} ${status}`)
  })

  const ledger = new SiblingLedger()
  const reader = await newGateway(t, person.identity, {
    resolve: async ({ fp }) =>
      resolutionOf(
        fp === other.identity.address.fp
          ? recordOf(other.identity, sibling.https)
          : recordOf(publisher.identity, gateway.https)
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

  return { reader, sibling, host, ledger, asked }
}

test('what a sibling has read comes from there and not from far away, after one question (C16)', async t => {
  const { reader, host, ledger, asked } = await start(t)
  const { body } = await ask(reader.http[0], '/film.bin', { host })

  t.true(body.equals(FILM))
  t.is(asked[0], 'HEAD 200')
  t.is(asked.filter(each => each.startsWith('HEAD')).length, 1)

  const { asked: questions, hits, bytes, blocks, saved } = ledger.counts

  t.deepEqual([questions, hits], [1, 1])
  t.true(blocks > 0 && bytes > 0)
  t.true(saved > 0)
})

test('a sibling that has nothing costs one small request, and the origin sends all', async t => {
  const { reader, host, ledger, asked } = await start(t, { hasRead: false })

  for (const range of ['bytes=0-999', 'bytes=1000000-1000999', 'bytes=2000000-2000999'])
    t.is((await ask(reader.http[0], '/film.bin', { host, headers: { range } })).status, 206)
  t.deepEqual(asked, ['HEAD 412'])
  t.like(ledger.counts, { asked: 1, hits: 0, misses: 1, bytes: 0 })
})

test('nobody is asked where the origin is near', async t => {
  const { reader, host, ledger, asked } = await start(t, { origin: 5 })

  t.true((await ask(reader.http[0], '/film.bin', { host })).body.equals(FILM))
  t.deepEqual(asked, [])
  t.is(ledger.counts.asked, 0)
})

test('what is here already is asked of nobody', async t => {
  const { reader, host, asked } = await start(t, { hasRead: false })

  await ask(reader.http[0], '/film.bin', { host })
  t.is(asked.length, 1)
  await ask(reader.http[0], '/film.bin', { host })
  t.is(asked.length, 1)
})
