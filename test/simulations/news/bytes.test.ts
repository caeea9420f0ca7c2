import test from 'ava'
import { bytesOf, newsNumber } from '../../../simulations/news/bytes.ts'

test('a number is read back from its bytes, wherever they stand', t => {
  for (const number of [0, 1, 255, 65_536, 2 ** 32 - 1]) {
    const among = new Uint8Array([9, 9, ...bytesOf(number), 9])

    t.is(newsNumber(bytesOf(number)), number)
    t.is(newsNumber(among.subarray(2, 6)), number)
  }
})
