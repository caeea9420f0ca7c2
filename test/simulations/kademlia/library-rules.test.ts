import test from 'ava'
import { MINUTE } from '../../../simulations/engine/ticks.ts'
import { createNetwork, settleNodes } from '../../../simulations/kademlia/network.ts'
import { PURPOSE, type LookupResult } from '../../../simulations/kademlia/kademlia.ts'
import type { KademliaSettings } from '../../../simulations/kademlia/settings.ts'
import { PrefixTable } from '../../../simulations/kademlia/readable/prefix-table.ts'
import { NODE_SETTINGS } from '../../../simulations/kademlia/settings.ts'

test("by the library's rules a node of a small network knows all others and asks the k nearest", t => {
  const { results, contacts } = lookUp(30, { k: 20 })

  t.true(contacts.every(count => count === 29))
  for (const { requests, hops, nearest } of results) {
    t.is(requests, 20)
    t.is(hops, 1)
    t.is(nearest.length, 20)
  }
})

test('paths mostly find the nearest node where nobody knows all, and never ask anybody twice', t => {
  const { results, isNearest } = lookUp(400, { k: 4, alpha: 2, prefixBits: 4 })
  const found = results.filter(result => isNearest(result)).length

  t.true(results.some(({ hops }) => hops > 1))
  t.true(found / results.length > 0.7, `${found} of ${results.length}`)
  for (const { requests, nearest } of results) {
    t.true(requests >= nearest.length)
    t.is(new Set(nearest).size, nearest.length)
  }
})

test('more paths ask more nodes', t => {
  const [one, four] = [1, 4].map(paths =>
    lookUp(400, { k: 8, paths, prefixBits: 3 }).results.reduce(
      (sum, { requests }) => sum + requests,
      0
    )
  )

  t.true(four! > one!)
})

test('a contact makes room only when its bucket is full and it stays silent', t => {
  const table = new PrefixTable(0, { ...NODE_SETTINGS, k: 2, prefixBits: 1, probeAfter: 100 })
  const [one, two, three] = [-1, -2, -3]

  table.touch(one, 0)
  table.touch(two, 10)
  table.fail(one)
  t.deepEqual(table.contacts, [one, two])
  t.is(table.touch(three, 50), undefined)
  t.is(table.touch(three, 150), one)
  t.deepEqual(table.contacts, [one, two])
  table.fail(one)
  table.touch(three, 160)
  t.deepEqual(table.contacts, [two, three])
})

test('who asks is not told of itself', t => {
  const table = new PrefixTable(0, { ...NODE_SETTINGS, k: 3 })
  const out = new Int32Array(4)

  for (const id of [1, 2, 3]) table.touch(id, 0)
  t.is(table.writeNearest(3, out, 1, 2), 2)
  t.deepEqual([...out], [0, 3, 1, 0])
})

function lookUp(
  nodes: number,
  settings: Partial<KademliaSettings>
): {
  readonly results: LookupResult[]
  readonly contacts: number[]
  readonly isNearest: (result: LookupResult) => boolean
} {
  const network = createNetwork({
    nodes,
    seed: 3,
    engine: 'readable',
    settings: { ...settings, refresh: 0, rules: 'library' }
  })
  const { kademlia, identifiers, simulation, streams } = network
  const all = [...Array(nodes).keys()]
  const population = settleNodes(network, all)
  const contacts = all.map(node => kademlia.contacts(node).length)
  const stream = streams.stream('workload')
  const results: LookupResult[] = []

  kademlia.onLookup = result => results.push(result)
  for (let count = 0; count < 60; count += 1) {
    kademlia.lookup(stream.below(nodes), stream.bits(), 1, PURPOSE.workload, 0)
  }
  simulation.advance(10 * MINUTE)

  return {
    results,
    contacts,
    isNearest: ({ origin, target, nearest }) =>
      population.nearestTo(target, 2).find(id => id !== identifiers.idOf(origin)) ===
      identifiers.idOf(nearest[0] ?? -1)
  }
}
