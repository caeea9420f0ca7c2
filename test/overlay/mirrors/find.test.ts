import test from 'ava'
import { findMirrors } from '../../../overlay/mirrors/index.ts'
import { mirrorKey } from '../../../overlay/mirrors/mirror-key.ts'
import { MAX_ASKED_MIRRORS } from '../../../overlay/mirrors/find/service.ts'
import { FakeNetwork } from '../../helpers/fake-network.ts'
import { newPerson } from '../../helpers/identities.ts'
import { recordOf } from '../../helpers/records.ts'

const [site, mirror, liar] = await Promise.all([newPerson(), newPerson(), newPerson()])
const { address } = site.identity

test('who says that it mirrors a site is believed to be who its own record says', async t => {
  const network = new FakeNetwork()

  network.claim('mirror', recordOf(mirror))
  // It gives the record of somebody else.
  network.claim('liar', recordOf(mirror), recordOf(liar))

  const found = await Array.fromAsync(findMirrors(network, address))

  t.deepEqual(
    found.map(record => record.uuid),
    [mirror.identity.uuid]
  )
})

test('of very many who say so, few are asked', async t => {
  const network = new FakeNetwork()

  for (let peer = 0; peer < 100; peer += 1) network.claim(`mirror${peer}`, recordOf(mirror))

  const found = await Array.fromAsync(findMirrors(network, address))

  t.is(found.length, MAX_ASKED_MIRRORS)
})

test('where nobody can be asked there are no mirrors, and no failure', async t => {
  const network = new FakeNetwork()

  network.isAway = true
  network.claim('mirror', recordOf(mirror))
  t.deepEqual(await Array.fromAsync(findMirrors(network, address)), [])
})

test('each site has a key of its own', t => {
  t.true(mirrorKey(address).equals(mirrorKey({ ...address })))
  t.false(mirrorKey(address).equals(mirrorKey(mirror.identity.address)))
})
