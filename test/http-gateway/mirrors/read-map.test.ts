import test from 'ava'
import fc from 'fast-check'
import { writeMap } from '../../../http-gateway/agreements/fields.ts'
import { askingForMap } from '../../../http-gateway/mirrors/asking-for-map.ts'
import { readMap } from '../../../http-gateway/mirrors/read-map.ts'
import type { FullAddress } from '../../../identity/index.ts'
import type { HttpGet } from '../../../overlay/content/fetch/index.ts'
import { newPerson } from '../../helpers/identities.ts'

const [one, two] = (await Promise.all([newPerson(), newPerson()])).map(
  ({ identity }) => identity.address
)

const mirrors = [one, undefined, two, one].map((node, index) => ({
  id: String(index),
  node,
  uris: [`https://m${index}.example/x/`],
  prefix: index === 3 ? '/docs/' : '/',
  trust: 0 as const,
  expires: 0,
  priority: index + 1,
  isCurrent: true
}))

test('a reader knows the nodes of a map as they were written, each once (C9)', t => {
  t.deepEqual(readMap(writeMap(mirrors) ?? ''), [one, two])
})

test('whatever stands in the field, a reader goes on', t => {
  fc.assert(fc.property(fc.string(), field => Array.isArray(readMap(field))))
  t.deepEqual(readMap('("/" "https://x/";node="nobody")'), [])
  t.deepEqual(readMap('"/";node=7, (1 2'), [])
  t.deepEqual(readMap(`("/" ${'"x" '.repeat(10_000)})`), [])
})

test('a publisher is asked as by somebody who can go elsewhere, and a map is looked at when it changes', async t => {
  const map = writeMap(mirrors)
  const asked: (string | undefined)[] = []
  const told: (readonly FullAddress[])[] = []
  const get: HttpGet = async (_target, headers) => {
    asked.push(headers['list-mirrors'])

    return { status: 503, headers: { 'list-mirrors': map }, body: none() }
  }
  const asking = askingForMap(get, nodes => told.push(nodes))

  await asking('/a', {}, new AbortController().signal)
  await asking('/b', { range: 'bytes=0-1' }, new AbortController().signal)
  t.deepEqual(asked, ['?1', '?1'])
  t.deepEqual(told, [[one, two]])
})

async function* none(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(0)
}
