import test from 'ava'
import { Offering } from '../../../http-gateway/agreements/offering/service.ts'
import type { MirrorRecord } from '../../../overlay/agreements/index.ts'
import { newPerson } from '../../helpers/identities.ts'

const [mirror, publisher] = (await Promise.all([newPerson(), newPerson()])).map(
  ({ identity }) => identity.address
)

interface World {
  readonly offering: Offering
  /** What the network was told, in order. */
  readonly told: MirrorRecord[]
  readonly site: { root: string }
  /** Resolves when the publisher was asked and its answer was read. */
  readonly answered: () => Promise<void>
}

function worldOf(answers: readonly (string | Error)[]): World {
  if (mirror == null || publisher == null) throw new Error('no such person')

  const signed: MirrorRecord[] = []
  const told: MirrorRecord[] = []
  const site = { address: publisher, root: 'one', bytes: 1, quota: 2 }
  const left = [...answers]
  const offering = new Offering({
    own: mirror,
    sites: () => [site],
    places: () => ['https://192.0.2.1:9010/site/'],
    served: () => 0,
    sign: record => {
      signed.push(record)

      return new Uint8Array([signed.length - 1])
    },
    ask: async () => {
      const answer = left.shift() ?? 'refused;reason=busy'

      if (answer instanceof Error) throw answer

      return answer
    },
    announce: ([at = 0]) => told.push(...signed.slice(at, at + 1)),
    onWarning: () => {}
  })

  return {
    offering,
    told,
    site,
    answered: async () => {
      offering.changed()
      // Nothing in it waits for more than what is given above.
      await new Promise(setImmediate)
    }
  }
}

for (const [name, answer] of [
  ['lists it', 'accepted;state=listed;ttl=60'],
  ['is away', new Error('away')]
] as const) {
  test(`a mirror tells the network of a version when its publisher ${name}, once`, async t => {
    const { offering, told, site, answered } = worldOf([answer, answer])

    await answered()
    t.deepEqual(
      told.map(({ root, isWithdrawn }) => ({ root, isWithdrawn })),
      [{ root: 'one', isWithdrawn: false }]
    )
    await answered()
    t.is(told.length, 1)

    site.root = 'two'
    await answered()
    t.is(told[1]?.root, 'two')
    await offering.stop()
  })
}

test('what the publisher refuses, or has not looked at, is not announced', async t => {
  for (const answer of ['refused;reason=full', 'accepted;state=checking;ttl=60']) {
    const { offering, told, answered } = worldOf([answer])

    await answered()
    if (publisher != null) await offering.withdraw(publisher)
    t.deepEqual(told, [])
    await offering.stop()
  }
})

test('who ends mirroring says so, with a higher number and no places', async t => {
  const { offering, told, answered } = worldOf([new Error('away'), new Error('away')])

  await answered()
  if (publisher != null) await offering.withdraw(publisher)

  const [begun, ended] = told

  t.like(ended, { isWithdrawn: true, uris: [] })
  t.true((ended?.seq ?? 0) > (begun?.seq ?? Infinity))
  await offering.stop()
})
