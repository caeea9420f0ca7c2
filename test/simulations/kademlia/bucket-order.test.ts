import test from 'ava'
import { Streams } from '../../../simulations/engine/random.ts'
import { homeBucket, nextBucket } from '../../../simulations/kademlia/bucket-order.ts'
import { distance } from '../../../simulations/kademlia/identifiers.ts'

const CASES = 200
const CONTACTS = 400

for (const last of [0, 1, 5, 13, 31]) {
  test(`buckets up to ${last} come in the order of their contacts' distance, each once`, t => {
    const stream = new Streams(last).stream('ids')

    for (let round = 0; round < CASES; round += 1) {
      const own = stream.bits()
      // Near and far targets.
      const target = own ^ (stream.bits() >>> stream.below(32))
      const away = own ^ target
      const home = homeBucket(last, away)
      const order = [home]

      for (
        let bucket = nextBucket(home, home, last, away);
        bucket !== -1;
        bucket = nextBucket(bucket, home, last, away)
      ) {
        order.push(bucket)
      }

      t.deepEqual(
        order.toSorted((a, b) => a - b),
        [...Array(last + 1).keys()]
      )

      let nearerThanAll = -Infinity

      for (const bucket of order) {
        const distances = contactsOf(own, bucket, last, stream).map(id => distance(id, target))

        t.true(Math.min(...distances) > nearerThanAll)
        nearerThanAll = Math.max(...distances)
      }
    }
  })
}

/** Random ids that belong into a bucket. */
function contactsOf(
  own: number,
  bucket: number,
  last: number,
  stream: { bits(): number }
): number[] {
  return Array.from({ length: CONTACTS / (last + 1) }, () => {
    const rest = stream.bits()

    if (bucket === last) return last === 0 ? rest : own ^ (rest >>> last)

    return own ^ (1 << (31 - bucket)) ^ (bucket === 31 ? 0 : rest >>> (bucket + 1))
  })
}
