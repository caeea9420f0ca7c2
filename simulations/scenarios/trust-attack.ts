import { scaleCapacities } from '../../identity/trust/acceptance.ts'
import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { SECOND } from '../engine/ticks.ts'
import { numberOf, type Run, type Scenario, type Setup } from '../scenario.ts'
import { attack, nearRoot, type AttackResult } from '../trust/attack.ts'
import { generateCertificates } from '../trust/generate.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const ATTACK = 64

/** Numbers of confused accounts that are compared. */
const CONFUSED = [1, 2, 5, 10, 20, 50, 100]

/** False accounts against the node's trust map. */
export const TRUST_ATTACK: Scenario = {
  name: 'trust-attack',
  title: 'False accounts against a trust map',
  description:
    "Some people are confused and vouch for the accounts of an adversary, who has as many as he likes. How many of them does the node's own trust metric accept, against what it promises, and how many good ones do they displace?",
  parameters: {
    accounts: {
      description: 'good accounts',
      unit: 'count',
      default: '1000',
      least: 10,
      most: 200_000
    },
    certificates: {
      description: 'others who vouch for a new account',
      unit: 'count',
      default: '5',
      least: 1,
      most: 100
    },
    bad: {
      description: 'accounts of the adversary',
      unit: 'count',
      default: '2000',
      least: 1,
      most: 200_000
    },
    confused: {
      description: 'good accounts that vouch for bad ones',
      unit: 'count',
      default: '10',
      most: 10_000
    },
    where: {
      description: 'who is confused: anybody, or those nearest to the root',
      choices: ['anywhere', 'near'],
      default: 'near'
    },
    vouches: {
      description: 'bad accounts that each of them vouches for, and each bad one',
      unit: 'count',
      default: '20',
      least: 1,
      most: 1000
    },
    'map.size': {
      description: 'accounts that the map makes room for',
      unit: 'count',
      default: '800',
      least: 1,
      most: 100_000
    }
  },
  figures: {
    bad: { label: 'Bad accounts accepted', unit: '', headline: true },
    bound: { label: 'At most, as promised', unit: '', headline: true },
    displaced: { label: 'Good accounts displaced', unit: '', headline: true },
    good: { label: 'Good accounts accepted', unit: '' },
    share: { label: 'Of the accepted, bad', unit: '%' }
  },
  charts: {
    bad: { title: 'Bad accounts accepted', x: 'confused accounts', y: 'accounts', logX: true }
  },
  leavesOut: [
    'The confused are drawn at random or are the nearest to the root; an adversary may know better whom to deceive.',
    'The graph grows by preferential attachment; real ones have circles of friends, in which capacity runs dry sooner.',
    'Certificates neither expire nor are taken back.'
  ],
  check: values =>
    numberOf(values, 'confused') > numberOf(values, 'accounts')
      ? 'there are not so many accounts to be confused'
      : undefined,
  begin
}

function begin({ seed, values }: Setup): Run {
  const simulation = new Simulation()
  const streams = new Streams(seed)
  const accounts = numberOf(values, 'accounts')
  const capacities = scaleCapacities(numberOf(values, 'map.size'))
  const chosen = numberOf(values, 'confused')
  const counts = [...new Set([...CONFUSED.filter(count => count <= accounts), chosen])].toSorted(
    (a, b) => a - b
  )
  const certificates = generateCertificates(
    accounts,
    numberOf(values, 'certificates'),
    streams.stream('graph')
  )
  const results = new Map<number, AttackResult>()
  const broken: { time: number; message: string }[] = []

  simulation.handle(ATTACK, (_, index) => {
    const confused = counts[index]!
    const stream = streams.stream('attack', confused)
    const result = attack(
      certificates,
      {
        // The account that was first, whom most people know.
        root: 0,
        capacities,
        bad: numberOf(values, 'bad'),
        confused:
          values['where'] === 'near'
            ? nearRoot(certificates, 0, confused)
            : Array.from({ length: confused }, () => stream.below(accounts)),
        vouches: numberOf(values, 'vouches')
      },
      stream
    )

    results.set(confused, result)
    simulation.trace.add(simulation.now, ATTACK, result.badAccepted, result.goodAfter)
    if (result.badAccepted > result.bound) {
      simulation.halt()
      broken.push({
        time: simulation.now,
        message: `${result.badAccepted} bad accounts are accepted, and at most ${result.bound} may be`
      })
    }
    if (index + 1 < counts.length) simulation.after(SECOND, ATTACK, index + 1)
  })
  simulation.after(0, ATTACK, 0, certificates.edges.length)

  return new SimulationRun({
    simulation,
    liveNodes: () => accounts,
    until: counts.length * SECOND,
    violation: () => broken[0],
    outcome: () => {
      const {
        badAccepted = Number.NaN,
        bound = Number.NaN,
        goodBefore = Number.NaN,
        goodAfter = Number.NaN
      }: Partial<AttackResult> = results.get(chosen) ?? {}

      return {
        figures: {
          bad: badAccepted,
          bound,
          displaced: goodBefore - goodAfter,
          good: goodAfter,
          share: (100 * badAccepted) / (badAccepted + goodAfter)
        },
        lines: {
          bad: {
            accepted: [...results].map(
              ([confused, result]) => [confused, result.badAccepted] as const
            ),
            'at most, as promised': [...results].map(
              ([confused, result]) => [confused, result.bound] as const
            )
          }
        }
      }
    }
  })
}
