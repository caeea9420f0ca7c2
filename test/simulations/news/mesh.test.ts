import test from 'ava'
import { Streams } from '../../../simulations/engine/random.ts'
import { connectMesh } from '../../../simulations/news/mesh.ts'

const NODES = 50

test('friends are connected, each connection goes both ways, and nobody is connected to itself', t => {
  const neighbours = connectMesh(
    { nodes: NODES, friends: node => [(node + 1) % NODES], extra: () => 3 },
    new Streams(1).stream('mesh')
  )

  for (const [node, others] of neighbours.entries()) {
    t.true(others.includes((node + 1) % NODES))
    t.false(others.includes(node))
    t.is(new Set(others).size, others.length)
    for (const other of others) t.true(neighbours[other]!.includes(node))
  }
})

test('whoever wants more peers has more', t => {
  const neighbours = connectMesh(
    { nodes: NODES, friends: () => [], extra: node => (node === 0 ? 200 : 0) },
    new Streams(1).stream('mesh')
  )

  t.true(neighbours[0]!.length > NODES / 2)
  t.deepEqual(neighbours[neighbours[0]![0]!], [0])
})
