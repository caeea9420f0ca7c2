import { setImmediate } from 'node:timers/promises'
import { resolveValues } from '../../../simulations/parameters.ts'
import type { Outcome, Run, Scenario, Violation } from '../../../simulations/scenario.ts'
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
  readonly violation: Violation | undefined
}

/** Small, and not begun yet. */
export function beginSmall(
  scenario: Scenario,
  seed: number,
  settings: Record<string, string> = {},
  files: Record<string, string> = {}
): Run {
  const values = resolveValues(scenario, { ...SMALL[scenario.name], ...settings })

  return scenario.begin({ seed, values, files })
}

/** The others have their turn in between, so that the test runner hears of what is done. */
export async function playToEnd(run: Run): Promise<Result> {
  while (run.advance(10_000)) await setImmediate()

  return {
    hash: run.trace.hash,
    events: run.trace.events,
    outcome: run.outcome(),
    violation: run.violation
  }
}

export async function figuresOf(
  name: string,
  settings: Record<string, string> = {},
  files: Record<string, string> = {}
): Promise<Readonly<Record<string, number>>> {
  const scenario = SCENARIOS.find(one => one.name === name)!
  const { outcome } = await playToEnd(beginSmall(scenario, 1, settings, files))

  return outcome.figures
}
