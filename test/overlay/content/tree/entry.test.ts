import test from 'ava'
import fc from 'fast-check'
import { hash } from 'node:crypto'
import {
  decodeEntry,
  decodeRecord,
  encodeEntry,
  encodeRecord,
  type Entry,
  type FolderRecord
} from '../../../../overlay/content/tree/entry.ts'
import { EMPTY_DIRECTORY, leafCid } from '../../../../overlay/content/tree/node.ts'

const number = fc.double({ noNaN: true, noDefaultInfinity: true })
const linked = fc.record({
  cid: fc.oneof(
    fc.string().map(text => leafCid(hash('sha256', text, 'buffer'))),
    fc.constant(EMPTY_DIRECTORY.cid)
  ),
  size: fc.maxSafeNat()
})
const totals = fc.record({ files: fc.maxSafeNat(), bytes: fc.maxSafeNat() })
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    isLink: fc.boolean(),
    stat: fc.record({ size: fc.maxSafeNat(), mtime: number, ctime: number, ino: number }),
    linked
  }),
  fc.record({
    kind: fc.constant('folder' as const),
    isLink: fc.boolean(),
    ino: number,
    linked,
    totals
  })
)
const record: fc.Arbitrary<FolderRecord> = fc.record({
  linked,
  isSharded: fc.boolean(),
  counted: fc.maxSafeNat(),
  all: fc.maxSafeNat(),
  totals,
  isUnfinished: fc.boolean()
})

test('an entry comes back from its bytes as it was', t => {
  fc.assert(
    fc.property(entry, value => {
      const { linked: back, ...rest } = decodeEntry(encodeEntry(value))
      const { linked: before, ...others } = value

      t.deepEqual(rest, others)

      return back.cid.equals(before.cid) && back.size === before.size
    })
  )
})

test('a record comes back from its bytes as it was', t => {
  fc.assert(
    fc.property(record, value => {
      const { linked: back, ...rest } = decodeRecord(encodeRecord(value))
      const { linked: before, ...others } = value

      t.deepEqual(rest, others)

      return back.cid.equals(before.cid) && back.size === before.size
    })
  )
})
