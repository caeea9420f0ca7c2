import { encode } from '@ipld/dag-cbor'
import test from 'ava'
import fc from 'fast-check'
import { SeedError } from '../../discovery/index.ts'
import {
  decodeSeedAnswer,
  encodeSeedAnswer,
  MAX_SEED_ANSWER_BYTES,
  SEED_SAMPLE
} from '../../discovery/seed-answer.ts'
import { newPerson } from '../helpers/identities.ts'
import { bodyOf, recordOf, signedRecord } from '../helpers/records.ts'

const [alice, bob] = await Promise.all([newPerson(), newPerson()])
const own = recordOf(alice).bytes
const other = recordOf(bob).bytes

test('an answer comes back as it was given', t => {
  const { node, sample, time } = decodeSeedAnswer('a seed', encodeSeedAnswer(own, [other], 1234))

  t.is(node.uuid, alice.identity.uuid)
  t.deepEqual(
    sample.map(({ uuid }) => uuid),
    [bob.identity.uuid]
  )
  t.is(time, 1234)
})

test('records of the sample that are not good are left out', t => {
  const forged = signedRecord(bodyOf(bob), alice)
  const bytes = encode({ node: own, sample: [new Uint8Array(9), forged, 7, null, other], time: 1 })

  t.is(decodeSeedAnswer('a seed', bytes).sample.length, 1)
})

test('more records than a sample has are neither given nor read', t => {
  const many = Array.from({ length: SEED_SAMPLE + 5 }, () => other)

  t.is(decodeSeedAnswer('s', encodeSeedAnswer(own, many, 1)).sample.length, SEED_SAMPLE)
  t.is(
    decodeSeedAnswer('s', encode({ node: own, sample: many, time: 1 })).sample.length,
    SEED_SAMPLE
  )
})

const RUBBISH: Record<string, Uint8Array> = {
  nothing: new Uint8Array(),
  'a web page': Buffer.from('<!doctype html><title>It works!</title>'),
  'an answer over the limit': new Uint8Array(MAX_SEED_ANSWER_BYTES + 1),
  'a list': encode([1]),
  null: encode(null),
  'no record of its own': encode({ sample: [], time: 1 }),
  'a time that is text': encode({ node: own, sample: [], time: 'now' }),
  'a sample that is none': encode({ node: own, sample: 7, time: 1 }),
  'a forged record of its own': encode({
    node: signedRecord(bodyOf(alice), bob),
    sample: [],
    time: 1
  })
}

for (const [name, bytes] of Object.entries(RUBBISH)) {
  test(`${name} is a bad answer, said of the seed that gave it`, t => {
    const error = t.throws(() => decodeSeedAnswer('https://seed.example', bytes), {
      instanceOf: SeedError
    })

    t.is(error?.fault, 'bad-answer')
    t.true(error?.message.includes('https://seed.example'))
  })
}

test('whatever bytes come, an answer or a SeedError comes out', t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      try {
        decodeSeedAnswer('a seed', bytes)

        return true
      } catch (error) {
        return error instanceof SeedError
      }
    })
  )
  t.pass()
})
