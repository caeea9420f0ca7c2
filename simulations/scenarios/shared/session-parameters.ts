import { DAY, MINUTE } from '../../engine/ticks.ts'
import {
  exponentialSessions,
  weibullSessions,
  type Churn,
  type Sessions
} from '../../network/churn.ts'
import { parseChurnTrace } from '../../network/churn-trace.ts'
import { numberOf, type Parameter, type Setup, type Values } from '../../scenario.ts'

/** The parameters of every scenario whose nodes come and go. */
export const SESSION_PARAMETERS = {
  'session.model': {
    description:
      'how long nodes stay: weibull, as measured on Kad; exponential; or trace, as session.file says',
    choices: ['weibull', 'exponential', 'trace'],
    default: 'weibull'
  },
  'session.mean': {
    description: 'mean session, for session.model=exponential',
    unit: 'duration',
    default: '1h',
    least: 1000
  },
  'session.scale': {
    description: 'scale of the Weibull distribution; with shape 0.615 the mean is 1.46 times that',
    unit: 'duration',
    default: '169.5m',
    least: 1000
  },
  'session.shape': {
    description: 'shape of the Weibull distribution',
    unit: 'number',
    default: '0.615',
    least: 0.2,
    most: 10
  },
  'pause.mean': {
    description: 'mean time that a node stays away',
    unit: 'duration',
    default: '4h',
    least: 1000
  },
  'session.file': {
    description: 'trace of sessions, a line each: node, from and to in seconds',
    file: true,
    default: ''
  }
} as const satisfies Record<string, Parameter>

/** What cannot be together, or undefined. */
export function checkSessions(values: Values): string | undefined {
  return (values['session.model'] === 'trace') === (values['session.file'] !== '')
    ? undefined
    : 'session.model=trace and session.file go together'
}

/** Begins the churn that the parameters describe. */
export function churnOf({ values, files }: Setup): (churn: Churn) => readonly number[] {
  const trace = files['session.file']

  if (trace != null) {
    const sessions = parseChurnTrace(trace, numberOf(values, 'nodes'))

    return churn => churn.replay(sessions)
  }

  return churn => churn.start(sessionsOf(values))
}

function sessionsOf(values: Values): Sessions {
  const pause = numberOf(values, 'pause.mean')

  return values['session.model'] === 'exponential'
    ? exponentialSessions(numberOf(values, 'session.mean'), pause)
    : weibullSessions(numberOf(values, 'session.shape'), numberOf(values, 'session.scale'), pause)
}

/** The parameters of what nodes do while they are on. */
export const ACTIVITY_PARAMETERS = {
  refresh: {
    description: 'each bucket is refreshed once in this time; 0s for never',
    unit: 'duration',
    default: '1h'
  },
  'lookup.interval': {
    description: 'mean time between two lookups of a node',
    unit: 'duration',
    default: '5m',
    least: 1000
  },
  'warm-up': {
    description: 'the network runs for so long before anything is counted',
    unit: 'duration',
    default: '30m',
    most: 30 * DAY
  },
  duration: {
    description: 'how long it is watched',
    unit: 'duration',
    default: '2h',
    least: MINUTE,
    most: 30 * DAY
  }
} as const satisfies Record<string, Parameter>
