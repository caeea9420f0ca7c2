import { Record as Libp2pRecord } from '@libp2p/kad-dht'
import test from 'ava'
import fc from 'fast-check'
import { decodeValue, encodeGetValue } from '../../overlay/dht/value-message.ts'

const value = new Uint8Array([1, 2, 3])
const record = new Libp2pRecord(new Uint8Array([9]), value, new Date(0)).serialize()

test('a request is GET_VALUE with its key', t => {
  t.deepEqual([...encodeGetValue(new Uint8Array([7, 8]))], [0x08, 0x01, 0x12, 2, 7, 8])
  t.deepEqual([...encodeGetValue(new Uint8Array(200)).subarray(0, 5)], [8, 1, 0x12, 0xc8, 1])
})

test('the value is found among the other fields of an answer', t => {
  const closer = [0x42, 3, 1, 2, 3]

  t.deepEqual(decodeValue(message([8, 1], closer, field(0x1a, record), closer)), value)
})

test('an answer without a record has no value', t => {
  t.is(decodeValue(message([8, 1], [0x42, 1, 0])), undefined)
  t.is(decodeValue(new Uint8Array()), undefined)
})

test('a field that runs over the end is refused', t => {
  t.throws(() => decodeValue(message([0x42, 200, 1])))
  t.throws(() => decodeValue(message([0x0b, 1])), { message: /wire type 3/ })
})

test('whatever bytes come in, a value, nothing or an error comes out', t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      try {
        const found = decodeValue(bytes)

        return found === undefined || found instanceof Uint8Array
      } catch (error) {
        return error instanceof Error
      }
    })
  )
  t.pass()
})

function message(...parts: (number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap(part => [...part]))
}

function field(tag: number, content: Uint8Array): number[] {
  return [tag, content.length, ...content]
}
