import test from 'ava'
import fc from 'fast-check'
import { decodeMirrored, encodeMirrored } from '../../../overlay/mirrors/mirrored-site.ts'
import { completeness, NO_PROGRESS, retryDelay } from '../../../overlay/mirrors/progress.ts'
import { newPerson } from '../../helpers/identities.ts'
import { rootOf, siteOf } from '../../helpers/site-records.ts'

const person = await newPerson()
const site = siteOf(person, rootOf('a site'))
const mirrored = {
  address: site.address,
  quota: 5000,
  limits: { rate: 125_000, hours: { from: 1350, to: 300 } },
  since: 7,
  held: { site, files: 2, bytes: 30 }
}

test('what is mirrored is read back as it was written', t => {
  const [read] = decodeMirrored(encodeMirrored([mirrored]))

  t.deepEqual(read?.address, mirrored.address)
  t.is(read?.quota, 5000)
  t.deepEqual(read?.limits, mirrored.limits)
  t.is(read?.held?.site.seq, site.seq)
  t.deepEqual(read?.held?.site.bytes, site.bytes)
  t.deepEqual([read?.held?.files, read?.held?.bytes], [2, 30])
})

test('a version whose record was changed on the disk is fetched anew', t => {
  const text = encodeMirrored([mirrored])
  const changed = text.replace(/"record": "....../, '"record": "AAAAAA')

  t.not(changed, text)
  t.is(decodeMirrored(changed)[0]?.held, undefined)
  t.is(decodeMirrored(changed)[0]?.quota, 5000)
})

test('a file that is something else is told of, whatever is in it', t => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), text => {
      try {
        decodeMirrored(text)
      } catch (error) {
        t.true(error instanceof Error)
      }
    })
  )
  t.throws(() => decodeMirrored('{}'), { instanceOf: TypeError })
  t.throws(() => decodeMirrored('[{"address":"x"}]'))
  // A limit that cannot be read is not passed over.
  t.throws(() => decodeMirrored(encodeMirrored([mirrored]).replace('22:30-', '22-')), {
    instanceOf: TypeError
  })
})

test('a copy is whole when its last block is here, and not before', t => {
  const almost = { ...NO_PROGRESS, blocks: 3, blocksHere: 2, bytes: 10, bytesHere: 10 }

  t.is(completeness(NO_PROGRESS), 0)
  t.true(completeness(almost) < 1)
  t.is(completeness({ ...almost, blocksHere: 3 }), 1)
})

test('failures are tried again ever later, and never later than a check would come', t => {
  const delays = [1, 2, 3, 20, 2000].map(failures => retryDelay(failures, 300_000))

  t.deepEqual(delays, [10_000, 20_000, 40_000, 300_000, 300_000])
})
