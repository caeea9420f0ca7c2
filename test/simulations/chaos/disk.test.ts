import test from 'ava'
import { Disks, MAX_WRITES } from '../../../simulations/chaos/disk.ts'
import { Simulation } from '../../../simulations/engine/simulation.ts'
import { SECOND } from '../../../simulations/engine/ticks.ts'

function disksIn(simulation: Simulation, isBounded = true): Disks {
  return new Disks(simulation, () => 1, isBounded)
}

function fill(disks: Disks): boolean[] {
  return Array.from({ length: MAX_WRITES + 1 }, () => disks.write(0, 'key', {}, () => undefined))
}

test('what is written is there after a crash, and what waits to be written is not', t => {
  const simulation = new Simulation()
  const disks = disksIn(simulation)
  const durable: string[] = []

  disks.write(3, 'early', {}, () => durable.push('early'))
  simulation.advance(SECOND)
  disks.write(3, 'late', {}, () => durable.push('late'))
  disks.crash(3)
  simulation.advance(2 * SECOND)

  t.deepEqual(durable, ['early'])
  t.deepEqual(disks.read(3, 'early'), {})
  t.is(disks.read(3, 'late'), undefined)
})

test('writes of a node are done one after another, in order', t => {
  const simulation = new Simulation()
  const disks = disksIn(simulation)
  const times: number[] = []

  for (const key of ['a', 'b', 'c']) disks.write(0, key, {}, () => times.push(simulation.now))
  simulation.advance(SECOND)

  t.is(times.length, 3)
  t.is(times[2]! - times[1]!, times[0]!)
})

test('a write that begins after a crash is not ended by the one that was lost', t => {
  const simulation = new Simulation()
  const disks = disksIn(simulation)
  const ends: string[] = []

  disks.write(0, 'lost', {}, () => ends.push('lost'))
  simulation.advance(1)
  disks.crash(0)
  disks.write(0, 'kept', {}, () => ends.push('kept'))
  simulation.advance(SECOND)

  t.deepEqual(ends, ['kept'])
})

test('more writes than may wait are refused', t => {
  const simulation = new Simulation()
  const [bounded, unbounded] = [disksIn(simulation), disksIn(simulation, false)]

  t.is(fill(bounded).filter(Boolean).length, MAX_WRITES)
  t.true(fill(unbounded).every(Boolean))
})
