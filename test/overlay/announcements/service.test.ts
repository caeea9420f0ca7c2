/** News among real hosts on loopback. */
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { encode } from '@ipld/dag-cbor'
import test, { type ExecutionContext } from 'ava'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { addressFingerprint, formatAddress, type FullAddress } from '../../../identity/index.ts'
import { encodeTrustDocument, signTrustStatement } from '../../../identity/trust/index.ts'
import { encodeAnnouncement } from '../../../overlay/announcements/announcement.ts'
import { FloodWatch } from '../../../overlay/announcements/flood-watch.ts'
import {
  ANNOUNCEMENT_TOPIC,
  type AnnouncementsOptions
} from '../../../overlay/announcements/service.ts'
import { blockTarget } from '../../../overlay/audit/block-target.ts'
import { contentDigest } from '../../../overlay/audit/signed-answer/content-digest.ts'
import { createHost } from '../../../overlay/host/service.ts'
import { openDatastore, Overlay } from '../../../overlay/index.ts'
import { readMultiaddrs } from '../../../overlay/multiaddrs/service.ts'
import { newPerson, temporaryDirectory, type Person } from '../../helpers/identities.ts'
import { recordOf } from '../../helpers/records.ts'
import { signedBy } from '../../helpers/signed-answers.ts'

const YEAR = 365 * 24 * 3_600_000
const [receiver, friend, stranger] = await Promise.all([newPerson(), newPerson(), newPerson()])
const name = ({ identity }: Person): string => formatAddress(identity.address)

/** What is looked at of what one stranger passes on, and more. */
const MORE_THAN_A_BUDGET = 70

test('what a stranger was the first to pass on is heard of a friend all the same', async t => {
  t.timeout(60_000)

  const told = new EventCount()
  const heard = Promise.withResolvers<string>()
  const [first, flooder] = await Promise.all([hostOf(t, friend), hostOf(t, stranger)])
  const overlay = await overlayOf(t, {
    partyOf: peerId => {
      told.add(peerId)

      return peerId === first.peerId.toString() ? name(friend) : undefined
    },
    distanceTo: party => (party === name(friend) ? 1 : undefined),
    onNews: ({ origin }) => {
      if (formatAddress(origin) === name(friend)) heard.resolve(formatAddress(origin))
    }
  })
  const news = newsOf(friend, 1)

  for (const host of [flooder, first]) {
    await meet(host, overlay)
  }

  for (let seq = 1; seq <= MORE_THAN_A_BUDGET; seq++) {
    await flooder.services.pubsub?.publish(ANNOUNCEMENT_TOPIC, newsOf(stranger, seq))
  }
  await flooder.services.pubsub?.publish(ANNOUNCEMENT_TOPIC, news)
  await told.reached(flooder.peerId.toString(), MORE_THAN_A_BUDGET + 1)
  await first.services.pubsub?.publish(ANNOUNCEMENT_TOPIC, news)

  t.is(await heard.promise, name(friend))
})

// A28, C10: whoever accuses falsely is not believed, and loses what it was given as a peer.
const RUBBISH: Readonly<Record<string, (each: number) => Uint8Array>> = {
  rubbish: each => Uint8Array.of(each),
  'false accusations of an honest mirror': forgedIncident
}

for (const [what, make] of Object.entries(RUBBISH)) {
  test(`a stranger who passes on ${what} is disconnected, and not let in again`, async t => {
    t.timeout(60_000)

    const heard: unknown[] = []

    const overlay = await overlayOf(t, {
      partyOf: () => undefined,
      distanceTo: () => undefined,
      onNews: news => heard.push(news)
    })
    const flooder = await hostOf(t, stranger)
    const gone = Promise.withResolvers<void>()

    flooder.addEventListener('peer:disconnect', () => gone.resolve())
    await meet(flooder, overlay)
    for (let each = 0; each < 8; each++) {
      await flooder.services.pubsub?.publish(ANNOUNCEMENT_TOPIC, make(each))
    }
    await gone.promise

    // The dialler may believe for a moment that it is connected.
    const again = flooder
      .dial(readMultiaddrs(overlay.multiaddrs))
      .then(async ({ remotePeer }) => flooder.services.ping.ping(remotePeer))

    t.is(
      await again.then(
        () => 'let in',
        () => 'refused'
      ),
      'refused'
    )
    t.deepEqual(overlay.connectedPeers(), [])
    await t.throwsAsync(overlay.dial(flooder.getMultiaddrs().map(String)))
    t.deepEqual(heard, [])
  })
}

test('an honest peer with much to pass on floods nobody; one who sends as fast as it can does', t => {
  const watch = new FloodWatch()
  let now = 0

  for (let sent = 0; sent < 10_000; sent++) t.false(watch.isFlood('busy', 'excess', (now += 20)))

  let floods = 0

  for (let sent = 0; sent < 10_000; sent++) {
    if (watch.isFlood('flooder', 'excess', (now += 0.1))) floods++
  }
  t.true(floods > 8000)
  t.false(watch.isFlood('busy', 'excess', now))
})

/** What an honest mirror signed, with another digest; each another one. */
function forgedIncident(each: number): Uint8Array {
  const cid = CID.createV1(0x55, createDigest(0x12, hash('sha256', `${each}`, 'buffer')))
  const honest = signedBy(friend, blockTarget(cid), Buffer.from(`${each}`))
  const digest = contentDigest(hash('sha256', 'a lie', 'buffer'))
  const values = honest.values.map(value => (value.startsWith('sha-256=') ? digest : value))

  return encodeAnnouncement(
    'incident',
    encode([recordOf(friend).bytes, [[honest.input, values, honest.signature]]])
  )
}

function newsOf({ identity, authority }: Person, seq: number): Uint8Array {
  const statement = signTrustStatement(
    {
      issuer: identity.address,
      subject: somebody(seq),
      domain: 'identify',
      level: 1,
      seq,
      issued: Date.now(),
      expires: Date.now() + YEAR
    },
    message => authority.sign(message)
  )

  return encodeAnnouncement(
    'trust',
    encodeTrustDocument({ certificate: identity.certificate, statements: [statement] })
  )
}

function somebody(number: number): FullAddress {
  return { uuid: receiver.identity.uuid, fp: addressFingerprint(new Uint8Array(32).fill(number)) }
}

type Host = Awaited<ReturnType<typeof createHost>>

async function hostOf(t: ExecutionContext, { identity }: Person): Promise<Host> {
  const host = await createHost({
    key: identity.libp2pKey,
    datastore: await openDatastore(join(await temporaryDirectory(t), 'datastore')),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    maxConnections: 20,
    mdns: false,
    announcements: {
      partyOf: () => undefined,
      distanceTo: () => undefined,
      onNews: () => undefined
    },
    validate: async () => undefined,
    select: () => 0
  })

  t.teardown(async () => host.stop())
  await host.start()

  return host
}

async function overlayOf(
  t: ExecutionContext,
  announcements: AnnouncementsOptions
): Promise<Overlay> {
  const overlay = new Overlay({
    key: receiver.identity.libp2pKey,
    datastore: await openDatastore(join(await temporaryDirectory(t), 'datastore')),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    maxConnections: 20,
    mdns: false,
    announcements,
    validate: async () => undefined,
    select: () => 0,
    ownRecord: () => undefined,
    onHttp: socket => socket.destroy(),
    onPeer: () => undefined,
    onPeerGone: () => undefined,
    onAddresses: () => undefined
  })

  t.teardown(async () => overlay.stop())
  await overlay.start()

  return overlay
}

/** Resolves when what the host publishes goes to the overlay. */
async function meet(host: Host, overlay: Overlay): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()

  host.services.pubsub?.addEventListener('gossipsub:graft', () => resolve(), { once: true })
  host.services.pubsub?.subscribe(ANNOUNCEMENT_TOPIC)
  await host.dial(readMultiaddrs(overlay.multiaddrs))
  await promise
}

/** How often something was told of somebody. */
class EventCount {
  readonly #counts = new Map<string, number>()
  readonly #waiting = new Set<() => void>()

  add(who: string): void {
    this.#counts.set(who, (this.#counts.get(who) ?? 0) + 1)
    for (const look of this.#waiting) look()
  }

  async reached(who: string, count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if ((this.#counts.get(who) ?? 0) >= count) resolve()
    }

    this.#waiting.add(look)
    look()
    await promise
  }
}
