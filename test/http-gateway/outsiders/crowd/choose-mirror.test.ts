import test from 'ava'
import fc from 'fast-check'
import {
  chooseMirror,
  placeOf,
  type Wanted
} from '../../../../http-gateway/outsiders/crowd/choose-mirror.ts'
import type { ListedMirror } from '../../../../overlay/agreements/index.ts'
import { newPerson } from '../../../helpers/identities.ts'

const { identity } = await newPerson()
const NOBODY: Wanted['client'] = { address: '', nodes: [] }

function mirror(id: string, more: Partial<ListedMirror> = {}): ListedMirror {
  return {
    id,
    node: identity.address,
    uris: [`https://${id}:9010/site/`],
    prefix: '/',
    trust: 0,
    expires: 0,
    priority: 1,
    isCurrent: true,
    ...more
  }
}

function drawn(mirrors: readonly ListedMirror[], path = '/a.html', client = NOBODY): string[] {
  const chances = Array.from({ length: 1000 }, (_, index) => index / 1000)

  return chances.flatMap(chance => chooseMirror(mirrors, { path, client }, chance)?.mirror.id ?? [])
}

test('clients are spread over all mirrors, those that the owner trusts more among them more often (C1)', t => {
  const ids = drawn([mirror('192.0.2.1'), mirror('192.0.2.2', { trust: 3 })])

  t.is(ids.length, 1000)
  t.is(ids.filter(id => id === '192.0.2.1').length, 200)
})

test('nobody is sent to a mirror that it is itself, by its address or by the name that it gives', t => {
  const mirrors = [mirror('192.0.2.1'), mirror('192.0.2.2')]

  t.deepEqual(
    new Set(drawn(mirrors, '/', { address: '192.0.2.1', nodes: [] })),
    new Set(['192.0.2.2'])
  )
  t.deepEqual(drawn([mirror('192.0.2.1')], '/', { address: '', nodes: ['192.0.2.1'] }), [])
})

test('nobody is sent where an older version is while there is another place, or where the path is not', t => {
  const mirrors = [
    mirror('old', { isCurrent: false }),
    mirror('part', { prefix: '/docs/' }),
    mirror('all')
  ]

  t.deepEqual(new Set(drawn(mirrors)), new Set(['all']))
  t.deepEqual(new Set(drawn(mirrors, '/docs/x')), new Set(['part', 'all']))
  t.deepEqual(new Set(drawn(mirrors.slice(0, 2))), new Set(['old']))
  t.deepEqual(drawn(mirrors.slice(0, 2), '/ipfs/bafy'), [])
})

test('blocks are at the names of nodes, and not at ordinary servers', t => {
  t.is(placeOf(mirror('m'), '/ipfs/bafy?format=raw'), 'https://m:9010/ipfs/bafy?format=raw')
  t.is(placeOf(mirror('m', { node: undefined }), '/ipfs/bafy'), undefined)
  t.is(placeOf(mirror('m'), '/a b'), 'https://m:9010/site/a b')
})

test('whatever the path, nobody is led away from the mirror', t => {
  fc.assert(
    fc.property(fc.string(), path => {
      const place = placeOf(mirror('m'), `/${path}`)

      t.true(place === undefined || URL.parse(place)?.host === 'm:9010')
    })
  )
})
