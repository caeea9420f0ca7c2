import test from 'ava'
import fc from 'fast-check'
import { InvalidNameListError } from '../../../discovery/names/errors.ts'
import {
  MAX_NAME_HEAD_BYTES,
  NAME_LIST_LIFETIME,
  openNameHead,
  openNameList,
  signNameList
} from '../../../discovery/names/list.ts'
import { ed25519Signer } from '../../../identity/index.ts'
import { newPerson, type Person } from '../../helpers/identities.ts'
import { recordOf } from '../../helpers/records.ts'

const DAY = 24 * 3_600_000
const now = Date.now()
const [alice, mallory] = await Promise.all([newPerson(), newPerson()])
const book = new Map([['blog', mallory.identity.address]])
const address = alice.identity.address

function listBy(signer: Person, of: Person = signer): ReturnType<typeof signNameList> {
  return signNameList(book, {
    uuid: of.identity.uuid,
    seq: 3,
    now,
    node: recordOf(of).bytes,
    sign: ed25519Signer(signer.identity.libp2pKey.seed)
  })
}

const good = listBy(alice)

test('a list comes back as it was signed, and its head alone tells whose it is', t => {
  t.deepEqual(new Map(openNameList(good.bytes, { address, now }).book), book)
  t.like(openNameHead(good.head, now), { address, seq: 3 })
  t.true(good.head.length <= MAX_NAME_HEAD_BYTES)
})

const refused: Record<string, { bytes: Uint8Array; at?: number; reason: RegExp }> = {
  'signed by somebody else': { bytes: listBy(mallory, alice).bytes, reason: /did not sign/ },
  'of another node': { bytes: listBy(mallory).bytes, reason: /it is that of/ },
  'that has expired': { bytes: good.bytes, at: now + NAME_LIST_LIFETIME + 1, reason: /expired/ },
  'from the day after tomorrow': { bytes: good.bytes, at: now - 2 * DAY, reason: /future/ },
  'that is rubbish': { bytes: Uint8Array.of(1, 2, 3), reason: /CBOR|no head/ },
  'that is too large': { bytes: new Uint8Array(1 << 20), reason: /too large/ }
}

for (const [what, { bytes, at = now, reason }] of Object.entries(refused)) {
  test(`a list ${what} is refused`, t => {
    t.throws(() => openNameList(bytes, { address, now: at }), {
      instanceOf: InvalidNameListError,
      message: reason
    })
  })
}

test('a clock that is a day behind reads a new list', t => {
  t.notThrows(() => openNameList(good.bytes, { address, now: now - DAY }))
})

test('a list in which any byte was changed is refused', t => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.nat(good.bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Uint8Array.from(good.bytes)

        changed[at]! ^= change
        try {
          openNameList(changed, { address, now })

          return false
        } catch (error) {
          return error instanceof InvalidNameListError
        }
      })
    )
  )
})
