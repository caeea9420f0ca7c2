import test from 'ava'
import {
  compareSites,
  FRESH_FOR,
  isFresh,
  isUsable,
  STALE_FOR,
  succeed
} from '../../../../overlay/content/site-lookup/succession.ts'
import { newPerson } from '../../../helpers/identities.ts'
import { rootOf, siteOf } from '../../../helpers/site-records.ts'

const alice = await newPerson()
const now = Date.now()
const [one, two] = [rootOf('one'), rootOf('two')]
const site = siteOf(alice, one, { seq: 5, issued: now - 1000 })

test('the higher number follows, the lower does not, and one number stands for one root', t => {
  t.is(compareSites(undefined, site), 'newer')
  t.is(compareSites(site, siteOf(alice, two, { seq: 6 })), 'newer')
  t.is(compareSites(site, siteOf(alice, two, { seq: 4 })), 'older')
  t.is(compareSites(site, siteOf(alice, one, { seq: 5 })), 'same')
  t.is(compareSites(site, siteOf(alice, two, { seq: 5 })), 'conflict')
})

test('only the publisher makes a record young', t => {
  t.is(succeed(undefined, site, true, now)?.confirmed, now)
  t.is(succeed(undefined, site, false, now)?.confirmed, now - 1000)

  const ahead = siteOf(alice, one, { seq: 5, issued: now + 5000, expires: now + 9000 })

  t.is(succeed(undefined, ahead, false, now)?.confirmed, now)

  const known = { site, confirmed: now - 10 }

  t.is(
    succeed(known, siteOf(alice, one, { seq: 5, issued: now - 1000 }), false, now)?.confirmed,
    now - 10
  )
  t.is(succeed(known, siteOf(alice, two, { seq: 4 }), true, now), known)
})

test('the same site signed for longer is valid for longer', t => {
  const longer = siteOf(alice, one, { seq: 5, issued: now - 1000, expires: site.expires + 1 })

  t.is(succeed({ site, confirmed: 0 }, longer, false, now)?.site.expires, site.expires + 1)
})

test('a word is fresh for a moment, and not where a clock ran backwards', t => {
  t.true(isFresh({ site, confirmed: now }, now + FRESH_FOR - 1))
  t.false(isFresh({ site, confirmed: now }, now + FRESH_FOR))
  t.false(isFresh({ site, confirmed: now + 1 }, now))
  t.true(isUsable({ site, confirmed: 0 }, site.expires + STALE_FOR - 1))
  t.false(isUsable({ site, confirmed: 0 }, site.expires + STALE_FOR))
})
