import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { ParameterError } from '../errors.ts'
import { CHURN_EVENTS, Churn } from '../network/churn.ts'
import { numberOf, type Scenario, type Setup, type Values } from '../scenario.ts'
import { LOOKUP } from '../scenarios/lookup-scale.ts'
import { FIND, PUT } from '../scenarios/publish-find.ts'
import { churnOf } from '../scenarios/shared/session-parameters.ts'
import type { Script, Step } from './script.ts'

/** The most nodes of a run on real ones: their processes take 1 GB, and joining some 0.4 s of processor each. */
const MAX_REAL_NODES = 100

/** Events that are played at a time while a script is taken down. */
const SLICE = 10_000

/** How a scenario is played on real nodes. */
export interface RealScenario {
  /** In place of the scenario's own defaults: real nodes are few, and follow the rules of their library. */
  readonly defaults: Readonly<Record<string, string>>
  /** Figures that are compared, each with what it may differ by beside chance: a share of the model's, or so many points of percent. */
  readonly tolerances: Readonly<Record<string, Tolerance>>
  readonly first: (setup: Setup) => readonly number[]
  /** The step that an event of the model is, if it is one. */
  readonly step: (kind: number, a: number, b: number) => Step | undefined
}

export type Tolerance = { readonly share: number } | { readonly points: number }

const LIBRARY = { rules: 'library', engine: 'readable' }

export const REAL_SCENARIOS: Readonly<Record<string, RealScenario>> = {
  'lookup-scale': {
    defaults: { ...LIBRARY, nodes: '30', lookups: '100', tables: 'grown' },
    tolerances: {
      found: { points: 5 },
      hops: { share: 0.1 },
      requests: { share: 0.1 },
      contacts: { share: 0.1 }
    },
    first: ({ values }) => [...Array(numberOf(values, 'nodes')).keys()],
    step: (kind, node, key) => (kind === LOOKUP ? { do: 'look up', node, key } : undefined)
  },
  'publish-find': {
    defaults: {
      ...LIBRARY,
      nodes: '30',
      records: '8',
      duration: '2h',
      'find.interval': '8m',
      'pause.mean': '1h',
      'session.model': 'exponential'
    },
    tolerances: {
      found: { points: 5 },
      holders: { share: 0.15 },
      copies: { share: 0.15 },
      requests: { share: 0.15 }
    },
    first: setup =>
      churnOf(setup)(
        new Churn({
          simulation: new Simulation(),
          streams: new Streams(setup.seed),
          nodes: numberOf(setup.values, 'nodes'),
          onSwitch: () => undefined
        })
      ),
    step: (kind, a) => {
      if (kind === CHURN_EVENTS) return { do: 'switch', node: a }
      if (kind === PUT) return { do: 'put', record: a }

      return kind === FIND ? { do: 'find', record: a } : undefined
    }
  }
}

/**
 * How this scenario is played on real nodes.
 *
 * @throws ParameterError where it cannot be
 */
export function realScenario(name: string): RealScenario {
  const real = REAL_SCENARIOS[name]

  if (real == null) {
    throw new ParameterError(
      `${name} is not played on real nodes; ${Object.keys(REAL_SCENARIOS).join(' and ')} are`
    )
  }

  return real
}

/**
 * That real nodes can be what the values say.
 *
 * @throws ParameterError
 */
export function checkReal(values: Values): void {
  if (numberOf(values, 'nodes') > MAX_REAL_NODES) {
    throw new ParameterError(`with --real, nodes is at most ${MAX_REAL_NODES}`)
  }
  if (numberOf(values, 'loss') > 0) {
    throw new ParameterError('real nodes on one machine lose no messages: with --real, loss is 0%')
  }
  if (values['holders'] === 'forgotten') {
    throw new ParameterError('real nodes keep what they hold on disk: with --real, holders is kept')
  }
}

/** What the model does with one seed, to be done by real nodes in the same order. */
export function scriptOf(scenario: Scenario, setup: Setup): Script {
  const real = realScenario(scenario.name)
  const run = scenario.begin(setup)
  const steps: Step[] = []

  run.listen?.((_, kind, a, b) => {
    const step = real.step(kind, a, b)

    if (step != null) steps.push(step)
  })
  while (run.advance(SLICE));

  return { nodes: numberOf(setup.values, 'nodes'), first: real.first(setup), steps }
}
