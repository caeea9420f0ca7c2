import test from 'ava'
import { sourceOf } from '../../../http-gateway/outsiders/source-of.ts'

const SOURCES: [string, string][] = [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:DB8:1:2::', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
  ['', '']
]

for (const [address, source] of SOURCES) {
  test(`'${address}' is counted as '${source}' (C14)`, t => {
    t.is(sourceOf(address), source)
  })
}
