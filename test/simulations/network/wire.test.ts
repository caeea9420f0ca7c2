import test from 'ava'
import { Simulation } from '../../../simulations/engine/simulation.ts'
import { constantLatency } from '../../../simulations/network/latency.ts'
import { Wire } from '../../../simulations/network/wire.ts'

const KIND = 64
const MESSAGES = 20_000

function wireWith(loss: number): { wire: Wire; arrived: number[] } {
  const simulation = new Simulation()
  const arrived: number[] = []
  const wire = new Wire({ simulation, latency: constantLatency(10), loss, lossKeys: [1, 2] })

  simulation.handle(KIND, (_, to, from, reference) => arrived.push(to, from, reference))

  return { wire, arrived }
}

test('a message arrives where and when it is said', t => {
  const { wire, arrived } = wireWith(0)

  t.true(wire.send(KIND, 3, 5, 7, wire.oneWay(3, 5)))
  wire.simulation.advance(9)
  t.deepEqual(arrived, [])
  wire.simulation.advance(10)
  t.deepEqual(arrived, [5, 3, 7])
})

test('messages get lost in the given share, and the same ones each time', t => {
  const [one, again] = [wireWith(0.1), wireWith(0.1)]
  const send = ({ wire }: { wire: Wire }): boolean[] =>
    Array.from({ length: MESSAGES }, (_, from) => wire.send(KIND, from, 1, 0, 10))
  const fates = send(one)

  t.deepEqual(send(again), fates)
  t.is(one.wire.lost, fates.filter(isSent => !isSent).length)
  t.is(one.wire.sent, MESSAGES)
  // Four standard deviations.
  t.true(Math.abs(one.wire.lost / MESSAGES - 0.1) < 0.0085, String(one.wire.lost))
})

test('what else is sent does not change the fate of a message', t => {
  const [alone, crowded] = [wireWith(0.5), wireWith(0.5)]

  for (let from = 0; from < 100; from += 1) {
    crowded.wire.send(KIND, from, 9, 0, 10)
    t.is(crowded.wire.send(KIND, from, 1, 0, 10), alone.wire.send(KIND, from, 1, 0, 10))
  }
})

test('nothing passes where the network is cut', t => {
  const { wire } = wireWith(0)

  wire.passage = (from, to) => from % 2 === to % 2

  t.true(wire.send(KIND, 1, 3, 0, 10))
  t.false(wire.send(KIND, 1, 2, 0, 10))
  t.is(wire.lost, 1)
})
