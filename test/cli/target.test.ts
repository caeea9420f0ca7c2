import test from 'ava'
import { UsageError } from '../../cli/errors.ts'
import { parseTarget, resolvePath } from '../../cli/target.ts'

const UUID = '6409808a-3548-11db-f2fd-0016cb90e4dc'
const FP = 'ad6wh4bmzfpo5qn5vipwlesphd'

const TARGETS: [string, string, string][] = [
  [UUID, UUID, '/'],
  [`${UUID}/`, UUID, '/'],
  [`${UUID}.${FP}/a/b.html?q=1#part`, `${UUID}.${FP}`, '/a/b.html?q=1'],
  [`${UUID}/a b/ä.html`, UUID, '/a%20b/%C3%A4.html'],
  [`${UUID}/a%2Fb`, UUID, '/a%2Fb'],
  [`${UUID}/../../x`, UUID, '/x'],
  [`http://${UUID}-${FP}.localhost:8010/a?b`, `${UUID}-${FP}`, '/a?b'],
  [`https://${UUID}.localhost:9010`, UUID, '/'],
  [`http://localhost:8010/${UUID}.${FP}/a/`, `${UUID}.${FP}`, '/a/'],
  [`http://127.0.0.1:8010/${UUID}`, UUID, '/'],
  [`http://[::1]:8010/${UUID}/x`, UUID, '/x']
]

for (const [text, address, path] of TARGETS) {
  test(`${text} is ${path} of ${address.slice(0, 8)}…`, t => {
    t.deepEqual(parseTarget(text), { address, path })
  })
}

for (const text of ['', '/x', 'http://example.org/x', 'http://localhost:8010/', 'http://']) {
  test(`'${text}' names no document of a node`, t => {
    t.throws(() => parseTarget(text), { instanceOf: UsageError, code: 'PLEXNET_USAGE' })
  })
}

test('a redirect is followed on the same node and nowhere else', t => {
  t.is(resolvePath('/docs', '/docs/'), '/docs/')
  t.is(resolvePath('/a/b', 'c?d'), '/a/c?d')
  t.is(resolvePath('/a', 'https://example.org/'), undefined)
  t.is(resolvePath('/a', '//example.org/'), undefined)
})
