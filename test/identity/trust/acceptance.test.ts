import test from 'ava'
import fc from 'fast-check'
import { accept, DEFAULT_CAPACITIES, scaleCapacities } from '../../../identity/trust/acceptance.ts'
import { TrustGraph } from '../../../identity/trust/graph.ts'
import { Parties } from '../../../identity/trust/parties.ts'
import { acceptedBy, graphOf } from '../../helpers/trust.ts'

// A42, A40: hand-worked graphs.
const worked = [
  {
    title: 'nobody is accepted by one who trusts nobody',
    lines: ['alice > bob'],
    capacities: [10, 5, 2, 1],
    accepted: []
  },
  {
    title: 'a chain is accepted as far as there are capacities',
    lines: ['me > a', 'a > b', 'b > c', 'c > d', 'd > e'],
    capacities: [10, 5, 3, 2, 1],
    accepted: ['a', 'b', 'c', 'd']
  },
  {
    title: 'whoever has capacity 1 is accepted and passes nothing on',
    lines: ['me > a', 'a > b'],
    capacities: [10, 1],
    accepted: ['a']
  },
  {
    title: 'one friend passes on one less than its capacity',
    lines: ['me > a', 'a > b c d e f'],
    capacities: [20, 3, 1],
    accepted: { count: 3, among: ['a', 'b', 'c', 'd', 'e', 'f'], always: ['a'] }
  },
  {
    title: 'a second friend brings in the others',
    lines: ['me > a z', 'a > b c d e', 'z > b c d e'],
    capacities: [20, 3, 1],
    accepted: ['a', 'b', 'c', 'd', 'e', 'z']
  },
  {
    title: 'the capacity of oneself bounds the whole map',
    lines: ['me > a b c d e f g'],
    capacities: [4, 2, 1],
    accepted: { count: 3, among: ['a', 'b', 'c', 'd', 'e', 'f', 'g'], always: [] }
  },
  {
    title: 'flow is turned aside where that lets one more in',
    // Both a and b could bring in x; only a knows y.
    lines: ['me > a b', 'a > x y', 'b > x'],
    capacities: [20, 2, 1],
    accepted: ['a', 'b', 'x', 'y']
  },
  {
    title: 'cycles and praise of oneself bring nothing',
    lines: ['me > a', 'a > a me b', 'b > a b me'],
    capacities: [20, 9, 4, 1],
    accepted: ['a', 'b']
  }
]

for (const { title, lines, capacities, accepted } of worked) {
  test(title, t => {
    const found = acceptedBy(graphOf(lines), 'me', capacities).toSorted()

    if (Array.isArray(accepted)) {
      t.deepEqual(found, accepted)
    } else {
      t.is(found.length, accepted.count)
      t.true(found.every(name => accepted.among.includes(name)))
      t.true(accepted.always.every(name => found.includes(name)))
    }
  })
}

test('edges below the level count for nothing', t => {
  const graph = graphOf(['me > a', 'a > b'], 1)

  graph.set({ from: graph.parties.intern('me'), to: graph.parties.intern('c'), level: 3 })

  t.deepEqual(acceptedBy(graph, 'me', [20, 9, 4, 1], 2), ['c'])
})

test('who is accepted does not depend on the order in which statements came', t => {
  const edges = Array.from({ length: 40 }, (_, index) => `p${index % 7} > p${(index * 5) % 13}`)
  const start = ['me > p0 p1']
  const forward = acceptedBy(graphOf([...start, ...edges]), 'me', [6, 3, 2, 1])
  const backward = acceptedBy(graphOf([...edges.toReversed(), ...start]), 'me', [6, 3, 2, 1])

  t.deepEqual(forward.toSorted(), backward.toSorted())
})

test('another salt decides otherwise between equals', t => {
  const lines = ['me > a', 'a > b c d e f g h i j']
  const maps = Array.from({ length: 8 }, (_, salt) =>
    acceptedBy(graphOf(lines, 1, String(salt)), 'me', [20, 3, 1]).join(' ')
  )

  t.true(new Set(maps).size > 1)
})

test('the capacities scale with the size of the map that is wanted', t => {
  t.deepEqual(scaleCapacities(200), [...DEFAULT_CAPACITIES])
  t.deepEqual(scaleCapacities(1000), [1000, 250, 60, 20, 10, 5])
  t.deepEqual(scaleCapacities(0), [1, 1, 1, 1, 1, 1])
})

interface Attack {
  readonly honest: number
  readonly edges: readonly (readonly [number, number])[]
  readonly confused: readonly number[]
  readonly bad: number
  readonly badEdges: readonly (readonly [number, number])[]
  readonly capacities: readonly number[]
}

const attacks: fc.Arbitrary<Attack> = fc
  .record({ honest: fc.integer({ min: 2, max: 40 }), bad: fc.integer({ min: 1, max: 60 }) })
  .chain(({ honest, bad }) => {
    const person = fc.nat(honest - 1)
    const enemy = fc.nat(bad - 1)

    return fc.record({
      honest: fc.constant(honest),
      bad: fc.constant(bad),
      edges: fc.array(fc.tuple(person, person), { maxLength: 200 }),
      confused: fc.uniqueArray(person, { maxLength: 6 }),
      badEdges: fc.array(fc.tuple(enemy, enemy), { maxLength: 200 }),
      capacities: fc
        .array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 })
        .map(list => list.toSorted((a, b) => b - a))
    })
  })

/** Honest 0 is the root; every confused one trusts all the bad. */
function attackedGraph({ edges, confused, bad, badEdges }: Attack): TrustGraph {
  const graph = new TrustGraph(new Parties('salt'))
  const add = (from: string, to: string): void =>
    graph.set({ from: graph.parties.intern(from), to: graph.parties.intern(to), level: 1 })

  graph.parties.intern('h0')
  for (const [from, to] of edges) add(`h${from}`, `h${to}`)
  for (const [from, to] of badEdges) add(`b${from}`, `b${to}`)
  for (const from of confused) for (let to = 0; to < bad; to++) add(`h${from}`, `b${to}`)

  return graph
}

test('no more bad parties get in than the confused ones pass on, however many there are', t => {
  t.notThrows(() =>
    fc.assert(
      fc.property(attacks, attack => {
        const graph = attackedGraph(attack)
        const { capacities, confused } = attack
        const root = graph.parties.intern('h0')
        const { accepted, distance } = accept(graph, { root, level: 1, capacities })
        const bad = accepted.filter(handle => graph.parties.name(handle).startsWith('b')).length
        const bound = confused
          .map(index => distance(graph.parties.intern(`h${index}`)))
          .reduce<number>((sum, at) => sum + (at == null ? 0 : (capacities[at] ?? 1) - 1), 0)

        return bad <= bound
      }),
      { numRuns: 500 }
    )
  )
})

test('whoever passes acceptance on is accepted', t => {
  t.notThrows(() =>
    fc.assert(
      fc.property(attacks, attack => {
        const graph = attackedGraph(attack)
        const root = graph.parties.intern('h0')
        const { accepted, distance, vouchers } = accept(graph, {
          root,
          level: 1,
          capacities: attack.capacities
        })

        return accepted
          .filter(handle => handle !== root)
          .every(handle => {
            const from = vouchers(handle)

            return from.length > 0 && from.every(each => distance(each) != null)
          })
      }),
      { numRuns: 300 }
    )
  )
})

test('the flow is the largest there is', t => {
  t.notThrows(() =>
    fc.assert(
      fc.property(attacks, attack => {
        const graph = attackedGraph(attack)
        const root = graph.parties.intern('h0')
        const { accepted } = accept(graph, { root, level: 1, capacities: attack.capacities })

        return accepted.length === slowMaximum(graph, root, attack.capacities)
      }),
      { numRuns: 200 }
    )
  )
})

/** Ford and Fulkerson's method on a matrix, as an oracle. */
function slowMaximum(graph: TrustGraph, root: number, capacities: readonly number[]): number {
  const count = graph.parties.size
  const distances = new Map([[root, 0]])

  for (const [handle, distance] of distances) {
    if (distance + 1 >= capacities.length) continue
    for (const to of graph.targets(handle)) if (!distances.has(to)) distances.set(to, distance + 1)
  }

  const sink = 2 * count
  const residual = Array.from({ length: sink + 1 }, () => new Float64Array(sink + 1))

  for (const [handle, distance] of distances) {
    residual[2 * handle]![sink] = 1
    residual[2 * handle]![2 * handle + 1] = capacities[distance]! - 1
    for (const to of graph.targets(handle)) {
      if (distances.has(to)) residual[2 * handle + 1]![2 * to] = Infinity
    }
  }

  let flow = 0

  while (augment(residual, 2 * root, sink, new Set())) flow++

  return flow
}

function augment(
  residual: readonly Float64Array[],
  vertex: number,
  sink: number,
  seen: Set<number>
): boolean {
  if (vertex === sink) return true
  seen.add(vertex)

  for (let to = 0; to <= sink; to++) {
    if (residual[vertex]![to]! > 0 && !seen.has(to) && augment(residual, to, sink, seen)) {
      residual[vertex]![to]!--
      residual[to]![vertex]!++

      return true
    }
  }

  return false
}
