import test from 'ava'
import { resolveValues } from '../../../simulations/parameters.ts'
import type { Outcome, Scenario } from '../../../simulations/scenario.ts'
import { SCENARIOS } from '../../../simulations/scenarios/list.ts'

/** Each scenario small enough to be played in a moment. */
const SMALL: Readonly<Record<string, Record<string, string>>> = {
  'lookup-scale': { nodes: '300', lookups: '100' },
  churn: { nodes: '150', 'warm-up': '5m', duration: '20m', 'lookup.interval': '1m' },
  bootstrap: { nodes: '100', newcomers: '60', duration: '2m' },
  'publish-find': { nodes: '100', records: '5', duration: '2h' },
  'partition-heal': {
    nodes: '120',
    before: '20m',
    cut: '20m',
    after: '40m',
    'lookup.interval': '1m'
  },
  eclipse: { nodes: '300', searches: '20', surrounding: '5' },
  'trust-attack': { accounts: '200', bad: '100', confused: '5' },
  'social-routing': {
    nodes: '40',
    'map.size': '20',
    duration: '20s',
    'news.interval': '5s',
    'flood.peers': '5'
  },
  sybil: { people: '40', 'map.size': '30', resolvers: '2', trials: '5' },
  nat: { nodes: '200', fetches: '500' },
  validation: { mirrors: '8', 'lie.share': '50%', duration: '1d' },
  'mirror-select': { readers: '6', size: '3MiB' },
  'cache-hit': { objects: '1000', requests: '20000' },
  'flash-crowd': { 'peak.rate': '5', ramp: '1m', plateau: '2m', decay: '1m' },
  'push-replication': { nodes: '12', k: '3', versions: '3', after: '2h' },
  'capacity-plan': { nodes: '100', duration: '20m' },
  chaos: { duration: '3m' }
}

interface Result {
  readonly hash: string
  readonly events: number
  readonly outcome: Outcome
}

for (const scenario of SCENARIOS) {
  test(`${scenario.name} does the same with the same seed, and something else with another`, t => {
    const first = play(scenario, 1)

    t.true(first.events > 0)
    t.deepEqual(play(scenario, 1), first)
    t.not(play(scenario, 2).hash, first.hash)
  })

  test(`${scenario.name} reports each figure and chart that it announces`, t => {
    const { outcome } = play(scenario, 3)

    t.deepEqual(Object.keys(outcome.figures).toSorted(), Object.keys(scenario.figures).toSorted())
    t.deepEqual(Object.keys(outcome.lines).toSorted(), Object.keys(scenario.charts).toSorted())
    t.true(Object.values(scenario.figures).some(({ headline }) => headline === true))
    t.true(scenario.leavesOut.length > 0)
    for (const lines of Object.values(outcome.lines)) {
      t.true(Object.values(lines).some(line => line.some(([, y]) => Number.isFinite(y))))
    }
  })

  test(`${scenario.name} can be broken off at any moment`, t => {
    const run = scenario.begin({
      seed: 1,
      values: resolveValues(scenario, SMALL[scenario.name]!),
      files: {}
    })

    run.advance(1)
    t.notThrows(() => run.outcome())
    run.advance(100)
    t.notThrows(() => run.outcome())
  })
}

test('a cut network finds less and heals', t => {
  const { before, during, after } = figuresOf('partition-heal')

  t.true(during! < before! && after! > during!)
})

test('more paths reach a record among adversaries more often', t => {
  const one = figuresOf('eclipse', { paths: '1', share: '40%', searches: '200' })
  const eight = figuresOf('eclipse', { paths: '8', share: '40%', searches: '200' })

  t.true(eight['found']! > one['found']! + 5)
})

test('a record that nobody honest holds is not found', t => {
  t.is(figuresOf('eclipse', { surrounding: '20' })['found'], 0)
})

test('readers that are nodes are served by mirrors when the line of the publisher is full', t => {
  const crowd = {
    'peak.rate': '10',
    'node.share': '100%',
    'origin.uplink': '1Mbit/s',
    'origin.threshold': '2'
  }
  const figures = figuresOf('flash-crowd', crowd)

  t.true(figures['offload']! > 50)
  t.true(
    figures['failed']! <
      figuresOf('flash-crowd', { ...crowd, mirrors: '0', 'offer.share': '0%' })['failed']!
  )
})

test('liars are found out as soon as arithmetic says, and honest mirrors are left alone', t => {
  const { median, expected } = figuresOf('validation', {
    mirrors: '400',
    liars: '100%',
    duration: '3d',
    'lie.share': '10%',
    failing: '0%'
  })

  // The median of 400 draws has a standard deviation of 7 %.
  t.true(Math.abs(median! / expected! - 1) < 0.2, `${median} h, by arithmetic ${expected} h`)
  t.is(figuresOf('validation', { liars: '0%', failing: '0%' })['accused'], 0)
})

test('more seeds that are lost make joining slower, and none joins through none', t => {
  t.is(figuresOf('bootstrap', { 'seeds.lost': '0%' })['joined'], 100)
  t.is(figuresOf('bootstrap', { 'seeds.lost': '100%' })['joined'], 0)
})

test('without false identities everybody is found, and with them a trust map tells who is right', t => {
  const alone = figuresOf('sybil', { share: '0%' })
  const crowded = figuresOf('sybil', { share: '60%', people: '60', resolvers: '4', trials: '30' })

  t.is(alone['right'], 100)
  t.is(alone['without'], 100)
  t.true(crowded['right']! > crowded['without']!)
  t.true(crowded['reached']! < 100)
})

test('more false claims than a node gathers drown the right one', t => {
  const { without, right, wrong } = figuresOf('sybil', { share: '96%', people: '20' })

  t.is(without, 0)
  t.true(right! + wrong! < 100)
})

test('what is pushed is on its mirrors sooner than what they look for themselves', t => {
  const quiet = { 'pause.mean': '1s', malicious: '0%', nodes: '20', versions: '6', k: '10' }
  const push = figuresOf('push-replication', quiet)
  const pull = figuresOf('push-replication', { ...quiet, how: 'pull' })

  t.is(push['survival'], 100)
  t.is(push['reached'], 100)
  t.true(push['time']! < pull['time']!)
  t.is(push['liars'], 0)
})

test('a site without mirrors is gone with its publisher, and liars alone do not help', t => {
  t.is(figuresOf('push-replication', { malicious: '90%', nodes: '1' })['survival'], 0)
})

// A28
test('a flood of strangers takes nothing from what trust carries, but where ignored news count as seen', t => {
  const flooded = { malicious: '30%', 'flood.rate': '60', 'flood.peers': '20', duration: '25s' }
  const seen = figuresOf('social-routing', { ...flooded, ignored: 'seen' })
  const forgotten = figuresOf('social-routing', { ...flooded, ignored: 'forgotten' })
  const calm = figuresOf('social-routing', { malicious: '0%', confused: '0%' })

  t.is(forgotten['reach'], 100)
  t.is(forgotten['displaced'], 0)
  t.true(seen['displaced']! > 0)
  t.is(calm['reach'], 100)
  t.is(calm['flood'], 0)
})

test('nodes behind NATs that nobody reaches make lookups slower and worse, and relays mend that', t => {
  const open = figuresOf('churn')
  const hidden = figuresOf('churn', { 'nat.behind': '60%' })
  const relayed = figuresOf('churn', { 'nat.behind': '60%', 'nat.relayed': '100%' })

  t.true(hidden['timeouts']! > 2 * open['timeouts']!)
  t.true(hidden['found']! < open['found']!)
  t.true(relayed['timeouts']! < hidden['timeouts']! && relayed['found']! > hidden['found']!)
})

test('on slow lines messages wait for each other', t => {
  const slow = figuresOf('churn', { 'message.uplink': '4KB/s' })

  t.true(slow['median']! > 1.5 * figuresOf('churn')['median']!)
})

test('loss costs timeouts', t => {
  t.true(figuresOf('lookup-scale', { loss: '10%' })['timeouts']! > 0)
  t.is(figuresOf('lookup-scale')['timeouts'], 0)
})

test('round trips are those of a matrix file', t => {
  const scenario = SCENARIOS.find(({ name }) => name === 'lookup-scale')!
  const matrix = Array.from({ length: 4 }, (_, row) =>
    Array.from({ length: 4 }, (__, column) => (row === column ? 0 : 80)).join(' ')
  ).join('\n')
  const settings = { nodes: '4', 'latency.model': 'matrix', 'latency.file': 'matrix.txt' }
  const { outcome } = play(scenario, 1, settings, { 'latency.file': matrix })

  // Everybody knows everybody: one request, one round trip.
  t.is(outcome.figures['median'], 80)
  t.is(outcome.figures['p95'], 80)
})

test('nodes come and go as a trace file says', t => {
  const scenario = SCENARIOS.find(({ name }) => name === 'churn')!
  const trace = Array.from({ length: 30 }, (_, node) =>
    node < 20 ? `${node} 0 9000` : `${node} 0 600`
  ).join('\n')
  const settings = { nodes: '30', 'session.model': 'trace', 'session.file': 'trace.txt' }
  const { outcome } = play(scenario, 1, settings, { 'session.file': trace })

  t.is(outcome.figures['live'], 20)
})

function figuresOf(
  name: string,
  settings: Record<string, string> = {}
): Readonly<Record<string, number>> {
  const scenario = SCENARIOS.find(one => one.name === name)!

  return play(scenario, 1, settings).outcome.figures
}

function play(
  scenario: Scenario,
  seed: number,
  settings: Record<string, string> = {},
  files: Record<string, string> = {}
): Result {
  const values = resolveValues(scenario, { ...SMALL[scenario.name], ...settings })
  const run = scenario.begin({ seed, values, files })

  while (run.advance(10_000));

  return { hash: run.trace.hash, events: run.trace.events, outcome: run.outcome() }
}
