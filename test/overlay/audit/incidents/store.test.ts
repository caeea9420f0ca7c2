import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { hash } from 'node:crypto'
import { formatAddress } from '../../../../identity/index.ts'
import { blockTarget } from '../../../../overlay/audit/block-target.ts'
import {
  INCIDENT_LIFETIME,
  makeIncident,
  type Incident
} from '../../../../overlay/audit/incident/incident.ts'
import { Incidents } from '../../../../overlay/audit/incidents/store.ts'
import { newPerson, temporaryDirectory, type Person } from '../../../helpers/identities.ts'
import { recordOf } from '../../../helpers/records.ts'
import { signedBy } from '../../../helpers/signed-answers.ts'

const NOW = Math.floor(Date.now() / 1000) * 1000
const [liar, other] = await Promise.all([newPerson(), newPerson()])
const target = blockTarget(
  CID.createV1(0x55, createDigest(0x12, hash('sha256', 'right', 'buffer')))
)

function lieOf(person: Person, time = NOW): Incident {
  const answer = signedBy(person, target, Buffer.from('wrong'), { time })

  return makeIncident(recordOf(person).bytes, [answer], NOW)
}

test('incidents outlive a restart', async t => {
  const directory = await temporaryDirectory(t)
  const first = new Incidents(directory)

  await first.open()
  t.true(await first.add(lieOf(liar)))
  t.true(await first.add(lieOf(other)))

  const second = new Incidents(directory)

  await second.open()
  t.deepEqual(second.of(liar.identity.address, NOW)?.lie, lieOf(liar).lie)
  t.is(second.all().length, 2)
})

test('one incident of a node is kept, the newest', async t => {
  const incidents = new Incidents(await temporaryDirectory(t))

  t.true(await incidents.add(lieOf(liar, NOW - 5000)))
  t.false(await incidents.add(lieOf(liar, NOW - 5000)))
  t.true(await incidents.add(lieOf(liar, NOW)))
  t.false(await incidents.add(lieOf(liar, NOW - 9000)))
  t.is(incidents.of(liar.identity.address, NOW)?.signed, NOW)
  t.is(incidents.all().length, 1)
})

test('a lie is held against a node for a month', async t => {
  const incidents = new Incidents(await temporaryDirectory(t))

  await incidents.add(lieOf(liar))
  t.truthy(incidents.of(liar.identity.address, NOW + INCIDENT_LIFETIME - 1))
  t.is(incidents.of(liar.identity.address, NOW + INCIDENT_LIFETIME), undefined)
  t.is(incidents.of(other.identity.address, NOW), undefined)
})

test('what somebody put there, or damaged, is no incident and goes', async t => {
  const directory = await temporaryDirectory(t)
  const incidents = new Incidents(directory)
  const { bytes } = lieOf(liar)

  await writeFile(join(directory, 'rubbish.incident'), 'rubbish')
  // Under the name of somebody else.
  await writeFile(join(directory, `${formatAddress(other.identity.address)}.incident`), bytes)
  await incidents.open()
  t.deepEqual(incidents.all(), [])
  t.deepEqual(await readdir(directory), [])
})
