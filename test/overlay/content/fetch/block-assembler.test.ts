import { createHash } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { BlockAssembler } from '../../../../overlay/content/fetch/transfer/block-assembler.ts'

test('however the stream is cut, the same blocks come out, and those that were changed are wrong', t => {
  const block = fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    isChanged: fc.boolean()
  })

  fc.assert(
    fc.property(fc.array(block), fc.array(fc.integer({ min: 1, max: 50 })), (blocks, cuts) => {
      const assembler = new BlockAssembler(
        blocks.map(({ bytes }) => ({ cid: cidOf(bytes), size: bytes.length }))
      )
      const sent = blocks.map(({ bytes, isChanged }) =>
        isChanged ? bytes.map(byte => byte ^ 1) : bytes
      )
      const got: { bytes: Buffer; isRight: boolean }[] = []

      for (const chunk of cutInto(Buffer.concat(sent), cuts)) {
        for (let rest: Uint8Array = chunk; rest.length > 0;) {
          const added = assembler.add(rest)

          rest = added.rest
          if (added.block != null) {
            got.push({ bytes: Buffer.concat(added.block.chunks), isRight: added.block.isRight })
          }
        }
      }

      return (
        assembler.isComplete &&
        got.length === blocks.length &&
        got.every(
          ({ bytes, isRight }, index) =>
            bytes.equals(sent[index] ?? Buffer.of()) && isRight !== blocks[index]?.isChanged
        )
      )
    })
  )
  t.pass()
})

function* cutInto(bytes: Buffer, cuts: readonly number[]): Generator<Buffer> {
  let at = 0

  for (const length of cuts) {
    if (at < bytes.length) yield bytes.subarray(at, at + length)
    at += length
  }
  if (at < bytes.length) yield bytes.subarray(at)
}

function cidOf(bytes: Uint8Array): CID {
  return CID.createV1(0x55, create(0x12, createHash('sha256').update(bytes).digest()))
}
