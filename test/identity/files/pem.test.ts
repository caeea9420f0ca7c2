import test from 'ava'
import { decodePem, encodePem } from '../../../identity/files/pem.ts'

const CONTENT = new Uint8Array(20)
const text = encodePem('KEY', CONTENT)
/** Without its digest line, so that only the base64 can tell. */
const bare = text.slice(text.indexOf('-----BEGIN'))
const line = Buffer.from(CONTENT).toString('base64')

test('the content comes back, with its digest line and without', t => {
  t.deepEqual(new Uint8Array(decodePem('KEY', text)), CONTENT)
  t.deepEqual(new Uint8Array(decodePem('KEY', bare)), CONTENT)
})

test('base64 that is cut short within a byte, or padded in its middle, is a TypeError', t => {
  for (const damaged of [line.slice(0, 25), `A=${line}`]) {
    t.throws(() => decodePem('KEY', bare.replace(line, damaged)), {
      instanceOf: TypeError,
      message: /no base64/
    })
  }
})
