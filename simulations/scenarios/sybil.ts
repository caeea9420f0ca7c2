import type { Verdict } from '../../discovery/claims.ts'
import type { FullAddress } from '../../identity/address.ts'
import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { MILLISECOND } from '../engine/ticks.ts'
import { ImpostorWorld } from '../population/impostor-world.ts'
import { SOCIETY_PARAMETERS } from '../population/society.ts'
import { numberOf, type Run, type Scenario, type Setup, type Violation } from '../scenario.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const TRIAL = 64

/** Shares of false identities that are compared. */
const SHARES = [0, 0.1, 0.25, 0.5, 0.75, 0.9]

/** False identities stand in the DHT, claim the UUIDs of others and are vouched for. */
export const SYBIL: Scenario = {
  name: 'sybil',
  title: 'False identities against resolving a UUID',
  description:
    "An adversary has as many identities as he likes: each stands in the DHT, claims the UUID of somebody, and is vouched for by the others and by confused people. A person resolves the bare UUID of another: a search over the node's disjoint paths, its limit of claims, its trust map and its ranking of claims. Who is shown?",
  parameters: {
    people: {
      description: 'people, each with a node',
      unit: 'count',
      default: '300',
      least: 20,
      most: 5000
    },
    share: {
      description: 'share of all identities that is false',
      unit: 'share',
      default: '50%',
      most: 0.97
    },
    confused: {
      description: 'people who vouch for false identities',
      unit: 'share',
      default: '2%',
      most: 0.5
    },
    ...SOCIETY_PARAMETERS,
    resolvers: {
      description: 'people who resolve, each with a trust map of its own',
      unit: 'count',
      default: '5',
      least: 1,
      most: 1000
    },
    trials: {
      description: 'UUIDs that each of them resolves',
      unit: 'count',
      default: '40',
      least: 1,
      most: 10_000
    }
  },
  figures: {
    right: { label: 'The right node is shown', unit: '%', headline: true },
    wrong: { label: 'A false one is shown', unit: '%', headline: true },
    asked: { label: 'The person is asked which', unit: '%', headline: true },
    hidden: { label: 'Nothing is found', unit: '%' },
    without: { label: 'The right one without a trust map', unit: '%' },
    wrongWithout: { label: 'A false one without a trust map', unit: '%' },
    reached: { label: 'Searches that reach an honest holder', unit: '%' },
    accepted: { label: 'Of the accepted in a trust map, false', unit: '%' }
  },
  charts: {
    outcome: { title: 'Who is shown for a bare UUID', x: 'false identities, %', y: '%' },
    without: { title: 'The same without a trust map', x: 'false identities, %', y: '%' }
  },
  leavesOut: [
    'A full address, which carries the hash of its key, can be hidden and never taken over: only bare UUIDs are resolved here, and none is pinned yet.',
    'The node asks friends first, who know the right key of theirs; here everything goes through the DHT.',
    'False identities are spread over the ids: those that surround one key are the subject of eclipse.',
    'Everybody trusts at one level; the node shows what was vouched for at a higher level first.'
  ],
  check: values =>
    numberOf(values, 'resolvers') > numberOf(values, 'people') / 2
      ? 'resolvers are at most half of the people'
      : undefined,
  begin
}

interface Counts {
  right: number
  wrong: number
  asked: number
  hidden: number
}

/** What one share of false identities does. */
interface Level {
  readonly share: number
  readonly counts: Counts
  readonly without: Counts
  trials: number
  reached: number
  accepted: number
  falseAccepted: number
}

function begin({ seed, values }: Setup): Run {
  const simulation = new Simulation()
  const streams = new Streams(seed)
  const chosen = numberOf(values, 'share')
  const shares = [...new Set([...SHARES, chosen])].toSorted((a, b) => a - b)
  const perShare = numberOf(values, 'resolvers') * numberOf(values, 'trials')
  const levels = shares.map(newLevel)
  let world: ImpostorWorld | undefined
  let violation: Violation | undefined

  simulation.handle(TRIAL, (_, index, trial) => {
    const level = levels[index]!

    if (world?.share !== level.share) world = new ImpostorWorld(level.share, values, streams)

    const { verdict, without, target, isOwn, isReached } = world.resolve(trial)
    const result = resultOf(verdict, target)

    level.trials += 1
    level.reached += isReached ? 1 : 0
    level.counts[result] += 1
    level.without[resultOf(without, target)] += 1
    simulation.trace.add(simulation.now, TRIAL, index, ['right', 'wrong', 'asked'].indexOf(result))
    if (trial + 1 === perShare) {
      const { all, bad } = world.acceptedByAll()

      level.accepted = all
      level.falseAccepted = bad
    }
    // Whom somebody has compared a fingerprint with, nobody else can stand for.
    if (isOwn && isReached && result === 'wrong') {
      simulation.halt()
      violation ??= {
        time: simulation.now,
        message: `a false identity is shown for ${target.uuid}, whom the resolver itself vouches for`
      }
    }
    next(index, trial + 1)
  })
  next(0, 0)

  function next(index: number, trial: number): void {
    if (trial < perShare) simulation.after(MILLISECOND, TRIAL, index, trial)
    else if (index + 1 < levels.length) simulation.after(MILLISECOND, TRIAL, index + 1, 0)
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => numberOf(values, 'people'),
    until: (levels.length * perShare + 1) * MILLISECOND,
    violation: () => violation,
    outcome: () => {
      const level = levels.find(({ share }) => share === chosen)!
      const line = (of: 'counts' | 'without', name: keyof Counts): [number, number][] =>
        levels.map(one => [100 * one.share, percent(one[of][name], one.trials)])
      const lines = (of: 'counts' | 'without'): Record<string, [number, number][]> => ({
        'the right one': line(of, 'right'),
        'a false one': line(of, 'wrong'),
        'the person is asked': line(of, 'asked'),
        nothing: line(of, 'hidden')
      })

      return {
        figures: {
          right: percent(level.counts.right, level.trials),
          wrong: percent(level.counts.wrong, level.trials),
          asked: percent(level.counts.asked, level.trials),
          hidden: percent(level.counts.hidden, level.trials),
          without: percent(level.without.right, level.trials),
          wrongWithout: percent(level.without.wrong, level.trials),
          reached: percent(level.reached, level.trials),
          accepted: percent(level.falseAccepted, level.accepted)
        },
        lines: { outcome: lines('counts'), without: lines('without') }
      }
    }
  })
}

function resultOf(verdict: Verdict, target: FullAddress): keyof Counts {
  if (verdict.kind === 'none') return 'hidden'
  if (verdict.kind === 'ambiguous') return 'asked'

  return verdict.record.address.fp === target.fp ? 'right' : 'wrong'
}

function newLevel(share: number): Level {
  return {
    share,
    counts: { right: 0, wrong: 0, asked: 0, hidden: 0 },
    without: { right: 0, wrong: 0, asked: 0, hidden: 0 },
    trials: 0,
    reached: 0,
    accepted: 0,
    falseAccepted: 0
  }
}

function percent(part: number, whole: number): number {
  return (100 * part) / whole
}
