import test from 'ava'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { hash } from 'node:crypto'
import { formatAddress } from '../../../identity/index.ts'
import {
  encodeAnnouncement,
  MAX_ANNOUNCEMENT_BYTES,
  openAnnouncement
} from '../../../overlay/announcements/announcement.ts'
import { Router } from '../../../overlay/announcements/router.ts'
import { blockTarget } from '../../../overlay/audit/block-target.ts'
import { makeIncident, MAX_INCIDENT_BYTES } from '../../../overlay/audit/incident/incident.ts'
import { newPerson } from '../../helpers/identities.ts'
import { recordOf } from '../../helpers/records.ts'
import { signedBy } from '../../helpers/signed-answers.ts'

const NOW = Date.now()
const [liar, rival] = await Promise.all([newPerson(), newPerson()])
const target = blockTarget(
  CID.createV1(0x55, createDigest(0x12, hash('sha256', 'right', 'buffer')))
)
const lie = signedBy(liar, target, Buffer.from('wrong'), { time: NOW })
const { bytes: proof } = makeIncident(recordOf(liar).bytes, [lie], NOW)
const from = { peer: 'p', isTrusted: false }

function newRouter(): Router {
  return new Router({ distanceTo: () => undefined })
}

test('an incident goes round as what the liar signed, and is charged to it', t => {
  const routing = newRouter().route(encodeAnnouncement('incident', proof), from, NOW)

  t.is(routing.kind, 'accept')
  t.like(routing, { news: { kind: 'incident', origin: liar.identity.address } })
  t.true(proof.length <= MAX_INCIDENT_BYTES && MAX_INCIDENT_BYTES < MAX_ANNOUNCEMENT_BYTES)
})

test('the same incident goes round once', t => {
  const router = newRouter()

  router.route(encodeAnnouncement('incident', proof), from, NOW)
  t.like(router.route(encodeAnnouncement('incident', proof), from, NOW), {
    kind: 'ignore',
    reason: 'old'
  })
})

// C15: a false accusation costs whoever passes it on: gossipsub takes 20 from its score.
test('a false accusation is rejected, and whoever passed it on is to blame', t => {
  const forged = makeIncidentOf(rival)

  t.is(newRouter().route(forged, from, NOW).kind, 'reject')
})

test('an incident is about the node that signed, whoever brings it', t => {
  const { origin, subject } = openAnnouncement(encodeAnnouncement('incident', proof), NOW)

  t.deepEqual(origin, liar.identity.address)
  t.is(subject, `incident ${formatAddress(liar.identity.address)}`)
})

/** The liar's answer with the record of somebody else in front of it. */
function makeIncidentOf(person: typeof rival): Uint8Array {
  const record = Buffer.from(recordOf(person).bytes)
  const changed = Buffer.from(proof)
  const at = changed.indexOf(Buffer.from(recordOf(liar).bytes.subarray(0, 40)))

  record.copy(changed, Math.max(at, 0))

  return encodeAnnouncement('incident', changed)
}
