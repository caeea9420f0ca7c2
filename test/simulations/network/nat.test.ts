import test from 'ava'
import { Streams } from '../../../simulations/engine/random.ts'
import { Nats, type NatShares } from '../../../simulations/network/nat.ts'

const NODES = 400
const ALL: NatShares = { behind: 1, symmetric: 0, punched: 0.7, relayed: 1 }

function countPairs(shares: NatShares): Record<string, number> {
  const nats = new Nats(NODES, shares, new Streams(1))
  const counts: Record<string, number> = { direct: 0, punched: 0, relayed: 0, none: 0 }

  for (let from = 0; from < NODES; from += 1) {
    for (let to = 0; to < NODES; to += 1) {
      if (to !== from) counts[nats.connect(from, to)]! += 1 / (NODES * (NODES - 1))
    }
  }

  return counts
}

test('an open node is reached by everybody, and an open one reaches whoever has a relay', t => {
  const nats = new Nats(NODES, { ...ALL, behind: 0.5 }, new Streams(1))
  const nodes = [...Array(NODES).keys()]
  const open = nodes.find(node => nats.isOpen(node))!
  const hidden = nodes.find(node => !nats.isOpen(node))!

  t.is(nats.connect(hidden, open), 'direct')
  t.is(nats.connect(open, hidden), 'direct')
})

test('without a relay nobody gets to a node behind a NAT', t => {
  const { none, ...others } = countPairs({ ...ALL, relayed: 0 })

  t.true(none! > 0)
  t.deepEqual(others, { direct: 0, punched: 0, relayed: 0 })
})

test('holes are punched in the given share of attempts, and never between two symmetric ones', t => {
  const { punched } = countPairs(ALL)
  const half = countPairs({ ...ALL, symmetric: 0.5 })

  t.true(Math.abs(punched! - 0.7) < 0.02, String(punched))
  // A quarter of the pairs is symmetric on both sides.
  t.true(Math.abs(half['punched']! - 0.7 * 0.75) < 0.03, String(half['punched']))
  t.is(countPairs({ ...ALL, symmetric: 1 })['punched'], 0)
})

test('what stands between two nodes is the same each time and from both sides', t => {
  const nats = new Nats(NODES, ALL, new Streams(1))

  for (let node = 1; node < NODES; node += 1) {
    const connection = nats.connect(0, node)

    t.is(nats.connect(0, node), connection)
    t.is(nats.connect(node, 0), connection)
  }
})
