import test from 'ava'
import { Simulation } from '../../../simulations/engine/simulation.ts'
import { SECOND } from '../../../simulations/engine/ticks.ts'
import { Uplinks } from '../../../simulations/network/uplink.ts'

test('two transfers share a line, and the one that is left has it alone', t => {
  const simulation = new Simulation()
  const uplinks = new Uplinks(simulation)
  const ended: Record<string, number> = {}

  uplinks.add(0, 100)
  uplinks.send(0, 100, () => (ended['short'] = simulation.now))
  uplinks.send(0, 300, () => (ended['long'] = simulation.now))
  simulation.advance(10 * SECOND)

  // Both have 50 bytes a second until the short one has its 100 after 2 s; the long one then has 200 left.
  t.deepEqual(ended, { short: 2 * SECOND, long: 4 * SECOND })
  t.is(Math.round(uplinks.sent(0)), 400)
})

test('a transfer that begins later takes its share from then on', t => {
  const simulation = new Simulation()
  const uplinks = new Uplinks(simulation)
  const ended: number[] = []

  uplinks.add(7, 10)
  simulation.handle(64, () => uplinks.send(7, 10, () => ended.push(simulation.now)))
  simulation.after(0, 64, 0)
  simulation.after(SECOND / 2, 64, 0)
  simulation.advance(10 * SECOND)

  t.deepEqual(ended, [1.5 * SECOND, 2 * SECOND])
})

test('many transfers end when all bytes have passed, none lost', t => {
  const simulation = new Simulation()
  const uplinks = new Uplinks(simulation)
  let ended = 0

  uplinks.add(0, 1000)
  for (let size = 1; size <= 200; size += 1) uplinks.send(0, size, () => (ended += 1))
  simulation.advance(60 * SECOND)

  t.is(ended, 200)
  t.is(uplinks.active(0), 0)
})
