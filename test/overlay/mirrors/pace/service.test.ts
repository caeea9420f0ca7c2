import test from 'ava'
import { MirrorPausedError } from '../../../../overlay/mirrors/errors.ts'
import { parseHours } from '../../../../overlay/mirrors/pace/hours.ts'
import type { PaceLimits } from '../../../../overlay/mirrors/pace/limits.ts'
import { MirrorPace, type Clock } from '../../../../overlay/mirrors/pace/service.ts'
import { newPerson } from '../../../helpers/identities.ts'

const [one, two] = await Promise.all([newPerson(), newPerson()])
const signal = new AbortController().signal

/** Time passes when somebody sleeps, and by nothing else. */
class TestClock implements Clock {
  time = new Date('2026-11-21T03:00:00').getTime()

  now(): number {
    return this.time
  }

  async sleep(milliseconds: number): Promise<void> {
    this.time += milliseconds
  }
}

function siteOf(
  person: typeof one,
  limits: PaceLimits
): { address: typeof one.identity.address; limits: PaceLimits; quota: number; since: number } {
  return { address: person.identity.address, limits, quota: 1, since: 0 }
}

/** What passes within `seconds` of two copies that take turns asking for blocks. */
async function through(
  pace: MirrorPace,
  clock: TestClock,
  sites: readonly ReturnType<typeof siteOf>[],
  seconds: number
): Promise<number> {
  const end = clock.time + seconds * 1000
  const gates = sites.map(site => pace.gate({ site: () => site, isWaitedFor: () => false }))
  let bytes = 0

  while (clock.time < end) {
    for (const gate of gates) {
      await gate.pass(50_000, signal)
      if (clock.time <= end) bytes += 50_000
    }
  }

  return bytes
}

test('a site is fetched at its rate and no faster, and at no other (C7)', async t => {
  const clock = new TestClock()
  const pace = new MirrorPace({}, clock)
  const bytes = await through(pace, clock, [siteOf(one, { rate: 125_000 })], 60)

  t.true(bytes <= 125_000 * 60 + 125_000)
  t.true(bytes >= 125_000 * 60 * 0.95)
})

test('all sites together have one rate beside their own', async t => {
  const clock = new TestClock()
  const pace = new MirrorPace({ rate: 200_000 }, clock)
  const sites = [siteOf(one, {}), siteOf(two, { rate: 150_000 })]
  const bytes = await through(pace, clock, sites, 60)

  t.true(bytes <= 200_000 * 61)
  t.true(bytes >= 200_000 * 60 * 0.95)
})

test('who changes a rate all the time gets no burst for each', async t => {
  const clock = new TestClock()
  const pace = new MirrorPace({}, clock)
  let site = siteOf(one, { rate: 100_000 })
  const gate = pace.gate({ site: () => site, isWaitedFor: () => false })
  const begun = clock.time

  for (let turn = 0; turn < 20; turn += 1) {
    site = siteOf(one, { rate: 100_000 + turn })
    await gate.pass(100_000, signal)
  }

  t.true(clock.time - begun >= 18_000)
})

test('outside of the hours nothing passes, whether they are those of the site or of the node', async t => {
  const clock = new TestClock()
  const day = { hours: parseHours('08:00-20:00') }
  const sites: [PaceLimits, PaceLimits][] = [
    [day, {}],
    [{}, day]
  ]

  for (const [all, own] of sites) {
    const pace = new MirrorPace(all, clock)
    const gate = pace.gate({ site: () => siteOf(one, own), isWaitedFor: () => false })
    const { until } =
      (await t.throwsAsync<MirrorPausedError>(gate.pass(1, signal), {
        instanceOf: MirrorPausedError
      })) ?? {}

    t.is(until, new Date('2026-11-21T08:00:00').getTime())
  }
})

test('hours that pass in the middle of a copy end it', async t => {
  const clock = new TestClock()
  const pace = new MirrorPace({}, clock)
  const site = siteOf(one, { rate: 1000, hours: parseHours('03:00-03:10') })
  const gate = pace.gate({ site: () => site, isWaitedFor: () => false })
  let bytes = 0

  await t.throwsAsync(
    async () => {
      for (;;) {
        await gate.pass(1000, signal)
        bytes += 1000
      }
    },
    { instanceOf: MirrorPausedError }
  )
  t.true(bytes <= 601_000)
  t.true(bytes >= 590_000)
})

test('a copy that waits for its rate lets others have their turn after a while, and one that need not wait does not', async t => {
  const clock = new TestClock()
  const pace = new MirrorPace({}, clock)
  const slow = pace.gate({
    site: () => siteOf(one, { rate: 1000 }),
    isWaitedFor: () => true
  })
  const free = pace.gate({ site: () => siteOf(two, {}), isWaitedFor: () => true })
  const begun = clock.time

  await t.throwsAsync(
    async () => {
      for (;;) await slow.pass(1000, signal)
    },
    { instanceOf: MirrorPausedError }
  )
  t.true(clock.time - begun >= 10_000)
  await t.notThrowsAsync(free.pass(1 << 30, signal))
})

test('a site that is not mirrored any more gets nothing', async t => {
  const pace = new MirrorPace({}, new TestClock())
  const gate = pace.gate({ site: () => undefined, isWaitedFor: () => false })

  await t.throwsAsync(gate.pass(1, signal), { instanceOf: MirrorPausedError })
})
