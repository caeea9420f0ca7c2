import test from 'ava'
import fc from 'fast-check'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import { encodeTrustDocument, signTrustStatement } from '../../../identity/trust/index.ts'
import {
  encodeAnnouncement,
  openAnnouncement
} from '../../../overlay/announcements/announcement.ts'
import { InvalidAnnouncementError } from '../../../overlay/announcements/errors.ts'
import { Router } from '../../../overlay/announcements/router.ts'
import { newPerson, type Person } from '../../helpers/identities.ts'

const NOW = 1_800_000_000_000
const YEAR = 365 * 24 * 3_600_000
const [friend, stranger, subject] = await Promise.all([newPerson(), newPerson(), newPerson()])

function newsOf(
  person: Person,
  seq: number,
  about: FullAddress = subject.identity.address
): Uint8Array {
  const statement = signTrustStatement(
    {
      issuer: person.identity.address,
      subject: about,
      domain: 'identify',
      level: 2,
      seq,
      issued: NOW,
      expires: NOW + YEAR
    },
    message => person.authority.sign(message)
  )

  return encodeAnnouncement(
    'trust',
    encodeTrustDocument({ certificate: person.identity.certificate, statements: [statement] })
  )
}

const name = (person: Person): string => formatAddress(person.identity.address)

function routerOf(distances: Record<string, number>, horizon?: number): Router {
  return new Router({
    distanceTo: party => distances[party],
    ...(horizon == null ? {} : { horizon })
  })
}

const peer = { peer: 'p', isTrusted: true }

// A28
test('news of a friend are passed on with the distance of trust', t => {
  const routing = routerOf({ [name(friend)]: 2 }).route(newsOf(friend, 1), peer, NOW)

  t.like(routing, { kind: 'accept', distance: 2, news: { kind: 'trust', seq: 1 } })
})

test('news that are not newer go round no more', t => {
  const router = routerOf({ [name(friend)]: 1 })

  router.route(newsOf(friend, 5), peer, NOW)
  t.deepEqual(router.route(newsOf(friend, 5), peer, NOW), { kind: 'ignore', reason: 'old' })
  t.deepEqual(router.route(newsOf(friend, 4), peer, NOW), { kind: 'ignore', reason: 'old' })
  t.is(router.route(newsOf(friend, 6), peer, NOW).kind, 'accept')
})

test('what this node said itself does not come back', t => {
  const router = routerOf({})

  router.published(openAnnouncement(newsOf(friend, 3), NOW))
  t.deepEqual(router.route(newsOf(friend, 3), peer, NOW), { kind: 'ignore', reason: 'old' })
})

test('news from beyond the horizon are not passed on', t => {
  const router = routerOf({ [name(friend)]: 3 }, 2)

  t.deepEqual(router.route(newsOf(friend, 1), peer, NOW), { kind: 'ignore', reason: 'horizon' })
})

test('a stranger has a small budget, and a friend another one', t => {
  const router = routerOf({ [name(friend)]: 1 })
  const kinds = Array.from({ length: 6 }, (_, seq) =>
    router.route(newsOf(stranger, seq + 1), peer, NOW)
  ).map(({ kind }) => kind)

  t.deepEqual(kinds, ['accept', 'accept', 'accept', 'accept', 'ignore', 'ignore'])
  t.is(router.route(newsOf(friend, 1), peer, NOW).kind, 'accept')
  // It fills up again: one a minute.
  t.is(router.route(newsOf(stranger, 10), peer, NOW + 61_000).kind, 'accept')
})

test('a peer that sends too much is not looked at, others are', t => {
  const router = routerOf({ [name(friend)]: 1 })
  const flood = { peer: 'flooder', isTrusted: false }
  const rubbish = new Uint8Array(100)
  let looked = 0

  for (let sent = 0; sent < 500; sent++) {
    if (router.route(rubbish, flood, NOW).kind === 'reject') looked++
  }

  t.true(looked < 100)
  t.deepEqual(router.route(newsOf(friend, 1), flood, NOW), { kind: 'ignore', reason: 'sender' })
  t.is(router.route(newsOf(friend, 1), { peer: 'other', isTrusted: false }, NOW).kind, 'accept')
})

test('nobody can use up the budget of a friend in its name', t => {
  const router = routerOf({ [name(friend)]: 1 })
  const forged = Uint8Array.from(newsOf(friend, 1))

  forged[forged.length - 1]! ^= 1
  for (let sent = 0; sent < 100; sent++) router.route(forged, peer, NOW)
  t.is(router.route(newsOf(friend, 2), peer, NOW).kind, 'accept')
})

test('whatever bytes come, there are news or a typed error', t => {
  const good = newsOf(friend, 1)

  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 500 }),
          fc
            .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
            .map(([at, change]) => {
              const mutated = Uint8Array.from(good)

              mutated[at]! ^= change

              return mutated
            })
        ),
        bytes => {
          try {
            openAnnouncement(bytes, NOW)

            return false
          } catch (error) {
            return error instanceof InvalidAnnouncementError
          }
        }
      )
    )
  )
})
