import test from 'ava'
import { formatAddress } from '../../../identity/index.ts'
import {
  encodeAnnouncement,
  MAX_ANNOUNCEMENT_BYTES,
  openAnnouncement
} from '../../../overlay/announcements/announcement.ts'
import { Router } from '../../../overlay/announcements/router.ts'
import { MAX_MIRROR_RECORD_BYTES, signMirrorRecord } from '../../../overlay/agreements/index.ts'
import { ed25519Signer } from '../../../overlay/content/index.ts'
import { newPerson, type Person } from '../../helpers/identities.ts'
import { recordOf } from '../../helpers/records.ts'

const NOW = Date.now()
const [site, mirror, rival] = await Promise.all([newPerson(), newPerson(), newPerson()])

interface Changes {
  readonly isWithdrawn?: boolean
  readonly signer?: Person
}

function word(seq: number, { isWithdrawn = false, signer = mirror }: Changes = {}): Uint8Array {
  return signMirrorRecord(
    {
      site: site.identity.address,
      uris: isWithdrawn ? [] : ['https://192.0.2.1:9010/site/'],
      root: 'bafkqaaa',
      bytes: 1,
      quota: 2,
      served: 3,
      seq,
      issued: NOW,
      expires: NOW + 3_600_000,
      isWithdrawn
    },
    recordOf(mirror).bytes,
    ed25519Signer(signer.identity.libp2pKey.seed)
  )
}

test('what a mirror says of itself goes round, charged to it, the newest last', t => {
  const router = new Router({ distanceTo: () => undefined })
  const route = (payload: Uint8Array): string =>
    router.route(encodeAnnouncement('mirror', payload), { peer: 'p', isTrusted: false }, NOW).kind

  t.is(route(word(5)), 'accept')
  t.is(route(word(5)), 'ignore')
  t.is(route(word(6, { isWithdrawn: true })), 'accept')
  // Nobody brings back what has ended.
  t.is(route(word(5)), 'ignore')
  t.is(route(word(7, { signer: rival })), 'reject')
})

test('one mirror has one word for each site, and every word fits an announcement', t => {
  const { kind, origin, subject } = openAnnouncement(encodeAnnouncement('mirror', word(1)), NOW)

  t.is(kind, 'mirror')
  t.deepEqual(origin, mirror.identity.address)
  t.is(
    subject,
    `mirror ${formatAddress(mirror.identity.address)} ${formatAddress(site.identity.address)}`
  )
  t.true(MAX_MIRROR_RECORD_BYTES < MAX_ANNOUNCEMENT_BYTES)
})
