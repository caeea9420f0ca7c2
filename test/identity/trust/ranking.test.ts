import test from 'ava'
import { accept, scaleCapacities } from '../../../identity/trust/acceptance.ts'
import type { TrustGraph } from '../../../identity/trust/graph.ts'
import { rankAccepted } from '../../../identity/trust/ranking.ts'
import { graphOf } from '../../helpers/trust.ts'

function ranked(graph: TrustGraph, evidence?: (party: string) => number): string[] {
  const root = graph.parties.intern('me')
  const { accepted } = accept(graph, { root, level: 1, capacities: scaleCapacities(1000) })

  return rankAccepted(graph, {
    root,
    accepted,
    level: 1,
    ...(evidence == null
      ? {}
      : { evidence: (handle: number) => evidence(graph.parties.name(handle)) })
  }).map(({ handle }) => graph.parties.name(handle))
}

test('friends come before friends of friends', t => {
  t.deepEqual(ranked(graphOf(['me > a', 'a > b', 'b > c'])), ['a', 'b', 'c'])
})

test('whom two friends trust comes before whom one trusts', t => {
  const order = ranked(graphOf(['me > a b', 'a > both one', 'b > both two three four']))

  t.true(order.indexOf('both') < order.indexOf('two'))
})

test('a region that hangs on one edge comes last, however much it praises itself', t => {
  const sybils = Array.from({ length: 60 }, (_, index) => `s${index}`)
  const friends = Array.from({ length: 12 }, (_, index) => `f${index}`)
  const graph = graphOf([
    `me > ${friends.join(' ')}`,
    ...friends.map(friend => `${friend} > ${friends.filter(other => other !== friend).join(' ')}`),
    'f0 > s0',
    ...sybils.map(sybil => `${sybil} > ${sybils.filter(other => other !== sybil).join(' ')}`)
  ])
  const order = ranked(graph)

  t.deepEqual(order.slice(0, friends.length).toSorted(), friends.toSorted())
})

test('what one has seen oneself counts against trust', t => {
  const graph = graphOf(['me > a b'])

  t.is(ranked(graph, party => (party === 'a' ? 0 : 1))[0], 'b')
  t.is(ranked(graph, party => (party === 'b' ? 0 : 1))[0], 'a')
})
