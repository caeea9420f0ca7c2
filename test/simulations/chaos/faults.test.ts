import test from 'ava'
import { Faults, FAULTS, type Fault } from '../../../simulations/chaos/faults.ts'
import { Streams } from '../../../simulations/engine/random.ts'
import { Simulation } from '../../../simulations/engine/simulation.ts'
import { MINUTE, SECOND } from '../../../simulations/engine/ticks.ts'

const NODES = 8
const CALM = 30 * MINUTE

interface Seen {
  readonly faults: Faults
  readonly crashes: number[]
  /** Moments at which something was wrong. */
  readonly wrong: Record<Fault, number>
}

function watch(kinds: readonly Fault[], until = CALM): Seen {
  const simulation = new Simulation()
  const streams = new Streams(7)
  const crashes = Array.from({ length: NODES }, () => 0)
  const wrong = { crash: 0, partition: 0, loss: 0, skew: 0, disk: 0, liar: 0 }
  const faults = new Faults({
    simulation,
    nodes: NODES,
    stream: streams.stream('faults'),
    kinds,
    interval: 5 * SECOND,
    length: 20 * SECOND,
    calmAt: CALM,
    isTrue: node => node === 0,
    onCrash: node => (crashes[node]! += 1),
    onRestart: node => (crashes[node]! -= 1)
  })
  const nodes = [...Array(NODES).keys()]
  const coin = streams.stream('coin')

  for (let time = 0; time <= until; time += SECOND) {
    simulation.advance(time)
    if (nodes.some(node => !faults.isUp(node))) wrong.crash += 1
    if (nodes.some(node => faults.skew(node) !== 0)) wrong.skew += 1
    if (nodes.some(node => faults.slowness(node) > 1)) wrong.disk += 1
    if (nodes.some(node => faults.isLiar(node))) wrong.liar += 1
    if (nodes.some(node => !faults.passes(0, node, coin))) {
      wrong[kinds.includes('loss') ? 'loss' : 'partition'] += 1
    }
  }

  return { faults, crashes, wrong }
}

for (const fault of FAULTS) {
  test(`${fault}: faults of a kind alone are of that kind, and come and go`, t => {
    const { wrong, faults } = watch([fault])
    const others = Object.entries(wrong).filter(([name]) => name !== fault)

    t.true(faults.injected > 100)
    t.true(wrong[fault] > 100 && wrong[fault] < CALM / SECOND)
    t.deepEqual(
      others.filter(([, times]) => times > 0),
      []
    )
  })
}

test('when faults are over, everything is well', t => {
  const { faults, crashes } = watch(FAULTS)
  const coin = new Streams(1).stream('coin')

  t.deepEqual(new Set(crashes), new Set([0]))
  for (let node = 0; node < NODES; node += 1) {
    t.true(faults.isUp(node))
    t.false(faults.isLiar(node))
    t.is(faults.skew(node), 0)
    t.is(faults.slowness(node), 1)
    t.true(faults.passes(0, node, coin))
  }
})

test('who publishes what is true never lies', t => {
  const simulation = new Simulation()
  const faults = new Faults({
    simulation,
    nodes: 1,
    stream: new Streams(1).stream('faults'),
    kinds: ['liar'],
    interval: SECOND,
    length: MINUTE,
    calmAt: CALM,
    isTrue: () => true,
    onCrash: () => undefined,
    onRestart: () => undefined
  })

  for (let time = 0; time < CALM; time += SECOND) {
    simulation.advance(time)
    t.false(faults.isLiar(0))
  }
  t.true(faults.injected > 0)
})
