import test from 'ava'
import { Streams } from '../../../simulations/engine/random.ts'
import { Simulation } from '../../../simulations/engine/simulation.ts'
import { SECOND } from '../../../simulations/engine/ticks.ts'
import { Dials } from '../../../simulations/network/dials.ts'

const NODES = 4000
const WAY = 1000

function dialsIn(simulation: Simulation): Dials {
  return new Dials(
    {
      simulation,
      nodes: NODES,
      oneWay: () => WAY,
      turns: 4,
      unreachable: [
        { share: 0.3, timeout: 5 * SECOND },
        { share: 0.1, timeout: 45 * SECOND }
      ]
    },
    new Streams(1).stream('dials')
  )
}

test('a connection takes its turns once, and is there until it is forgotten', t => {
  const simulation = new Simulation()
  const dials = dialsIn(simulation)
  const open = [...Array(NODES).keys()].find(node => dials.isReachable(node))!

  t.is(dials.dial(0, open), 4 * WAY)
  simulation.advance(WAY)
  t.is(dials.dial(0, open), 3 * WAY)
  simulation.advance(SECOND)
  t.is(dials.dial(0, open), 0)
  dials.forget(0)
  t.is(dials.dial(0, open), 4 * WAY)
})

test('who cannot be reached is noticed after its timeout, and dialled anew after that', t => {
  const simulation = new Simulation()
  const dials = dialsIn(simulation)
  const slow = [...Array(NODES).keys()].find(node => dials.dial(0, node) === -45 * SECOND)!

  simulation.advance(44 * SECOND)
  t.is(dials.dial(0, slow), -SECOND)
  t.false(dials.hasFailed(0, slow))
  simulation.advance(45 * SECOND)
  t.true(dials.hasFailed(0, slow))
  t.is(dials.dial(0, slow), -45 * SECOND)
})

test('nodes are unreachable by the given shares', t => {
  const dials = dialsIn(new Simulation())
  const times = Array.from({ length: NODES }, (_, node) => dials.dial(0, node))
  const share = (time: number): number => times.filter(one => one === time).length / NODES

  t.true(Math.abs(share(-5 * SECOND) - 0.3) < 0.03)
  t.true(Math.abs(share(-45 * SECOND) - 0.1) < 0.03)
})
