import test from 'ava'
import { Simulation } from '../../../simulations/engine/simulation.ts'
import { Streams } from '../../../simulations/engine/random.ts'
import { HOUR, MINUTE, SECOND } from '../../../simulations/engine/ticks.ts'
import { Churn, exponentialSessions, weibullSessions } from '../../../simulations/network/churn.ts'
import { ChurnTraceError, parseChurnTrace } from '../../../simulations/network/churn-trace.ts'

const NODES = 2000

test('as many are on, from the beginning, as sessions and pauses say', t => {
  for (const [sessions, share] of [
    [exponentialSessions(HOUR, 3 * HOUR), 0.25],
    // The mean of Weibull(0.615, 169.5 min) is 247 min.
    [weibullSessions(0.615, 169.5 * MINUTE, 247 * MINUTE), 0.5]
  ] as const) {
    const simulation = new Simulation()
    let on = 0
    const churn = new Churn({
      simulation,
      streams: new Streams(1),
      nodes: NODES,
      onSwitch: (_, isOn) => (on += isOn ? 1 : -1)
    })

    on += churn.start(sessions).length

    // Twelve cycles of so broad a distribution miss some of its longest sessions.
    t.true(Math.abs(on / NODES - share) < 0.05, `${on} of ${NODES} at first`)
    simulation.advance(3 * HOUR)
    t.true(Math.abs(on / NODES - share) < 0.05, `${on} of ${NODES} later`)
  }
})

test('nodes are switched as a trace says', t => {
  const simulation = new Simulation()
  const switches: [number, number, boolean][] = []
  const churn = new Churn({
    simulation,
    streams: new Streams(1),
    nodes: 3,
    onSwitch: (node, isOn) => switches.push([simulation.now / SECOND, node, isOn])
  })
  const first = churn.replay(parseChurnTrace('0 0 10\n1 5 20 # late\n\n0 15 30', 3))

  simulation.advance(60 * SECOND)

  t.deepEqual(first, [0])
  t.deepEqual(switches, [
    [5, 1, true],
    [10, 0, false],
    [15, 0, true],
    [20, 1, false],
    [30, 0, false]
  ])
})

for (const [text, complaint] of [
  ['0 5', /line 1/],
  ['0 5 5', /line 1/],
  ['x 0 1', /line 1/],
  ['0 0 1\n9 0 1', /line 2 .* node 9 of 3/],
  ['0 0 10\n0 5 20', /overlap/]
] as const) {
  test(`the trace ${JSON.stringify(text)} is refused`, t => {
    t.throws(() => parseChurnTrace(text, 3), { instanceOf: ChurnTraceError, message: complaint })
  })
}
