import { gapAfter } from '../../overlay/audit/policy/gap.ts'
import {
  judge,
  NEW_STANDING,
  type AuditResult,
  type Standing
} from '../../overlay/audit/policy/standing.ts'
import { chooseThird, DIRECT } from '../../overlay/audit/policy/third-node.ts'
import { MAX_CHALLENGES } from '../../overlay/audit/policy/visit.ts'
import { exponential } from '../engine/distributions.ts'
import { log, power } from '../engine/pinned-math.ts'
import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { DAY, HOUR, SECOND } from '../engine/ticks.ts'
import { Sample } from '../measures.ts'
import { numberOf, type Run, type Scenario, type Setup } from '../scenario.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const AUDIT = 64
const READ = 65

/** Mirrors that behave for the publisher and lie to readers. */
export const VALIDATION: Scenario = {
  name: 'validation',
  title: 'How soon a lying mirror is found out',
  description:
    'Some mirrors answer the publisher honestly and lie to a share of the readers. The publisher audits each mirror at random times through random third nodes; readers check every block and may report. When is a liar dropped, how often has it lied by then, and are honest mirrors dropped as well?',
  parameters: {
    mirrors: {
      description: 'mirrors of a site',
      unit: 'count',
      default: '20',
      least: 1,
      most: 100_000
    },
    liars: { description: 'share of them that lies', unit: 'share', default: '25%' },
    'lie.share': {
      description: 'share of answers of a liar that are wrong',
      unit: 'share',
      default: '5%',
      least: 0.0001
    },
    'audit.interval': {
      description: 'mean time between two audits of a mirror that is new',
      unit: 'duration',
      default: '10m',
      least: SECOND,
      most: DAY
    },
    colluding: {
      description: 'share of third nodes that tell the liar what they are asked for',
      unit: 'share',
      default: '10%'
    },
    'read.interval': {
      description: 'mean time between two readers of a mirror',
      unit: 'duration',
      default: '30s',
      least: 1000
    },
    'report.share': {
      description: 'share of readers that report a wrong block with its signature',
      unit: 'share',
      default: '0%'
    },
    blocks: {
      description: 'blocks that are asked for in one audit',
      unit: 'count',
      default: '4',
      least: 1,
      most: MAX_CHALLENGES
    },
    thirds: {
      description: 'third nodes that look at mirrors for the publisher, all strangers',
      unit: 'count',
      default: '20',
      most: 10_000
    },
    failing: {
      description: 'share of audits of an honest mirror that fail, by the network',
      unit: 'share',
      default: '2%',
      most: 0.9
    },
    duration: {
      description: 'how long it is watched',
      unit: 'duration',
      default: '7d',
      least: HOUR,
      most: 365 * DAY
    }
  },
  figures: {
    found: { label: 'Liars that are found out', unit: '%', headline: true },
    median: { label: 'Time until then, median', unit: 'h', headline: true },
    expected: { label: 'The same by arithmetic, audits alone', unit: 'h' },
    p95: { label: 'Time until then, 95th percentile', unit: 'h' },
    wrong: { label: 'Wrong answers of a liar until then', unit: '', headline: true },
    accused: { label: 'Honest mirrors that are dropped', unit: '%', headline: true },
    traffic: { label: 'Audits of a mirror in a day', unit: '' }
  },
  charts: {
    time: { title: 'Time until a liar is found out', x: 'liars that are found out, %', y: 'h' }
  },
  leavesOut: [
    'A wrong answer harms no reader: each block is checked before it is passed on, and fetched elsewhere. It costs time.',
    'A liar lies at random. One that lies about a single file to a single reader is found only by that reader.',
    'Audits look like readers; how well they do is what the share of colluding third nodes stands for.',
    'The publisher is always on and audits without a break. When, through whom, and what comes of it are the rules of the node; which blocks are drawn is a number.',
    'A liar signs what it sends. One that does not is dropped by whoever meets it, and by the publisher on the word of several.'
  ],
  begin
}

interface Mirror {
  readonly name: string
  readonly isLiar: boolean
  standing: Standing
  wrong: number
  droppedAt: number | undefined
}

function begin({ seed, values }: Setup): Run {
  const simulation = new Simulation()
  const streams = new Streams(seed)
  const [audits, reads] = [streams.stream('audits'), streams.stream('reads')]
  const value = (name: string): number => numberOf(values, name)
  const until = value('duration')
  const liars = Math.round(value('liars') * value('mirrors'))
  const mirrors = Array.from({ length: value('mirrors') }, (_, index): Mirror => ({
    name: `mirror ${index}`,
    isLiar: index < liars,
    standing: NEW_STANDING,
    wrong: 0,
    droppedAt: undefined
  }))
  const colluding = Math.round(value('colluding') * value('thirds'))
  const thirds = Array.from({ length: value('thirds') }, (_, index) => ({
    party: `third ${index}`,
    trust: 0,
    warns: index < colluding
  }))
  let audited = 0

  simulation.handle(AUDIT, (kind, index) => {
    const mirror = mirrors[index]!

    if (mirror.droppedAt != null) return
    if (kind === AUDIT) audit(mirror)
    else read(mirror)
    if (mirror.droppedAt == null) schedule(kind, index)
  })
  for (const [index, { isLiar }] of mirrors.entries()) {
    schedule(AUDIT, index)
    // What honest mirrors answer to readers decides nothing.
    if (isLiar) schedule(READ, index)
  }

  function schedule(kind: number, index: number): void {
    const [stream, interval] =
      kind === AUDIT
        ? [audits, gapAfter(value('audit.interval'), mirrors[index]!.standing)]
        : [reads, value('read.interval')]

    simulation.after(Math.max(1, Math.round(exponential(stream, interval))), kind, index)
  }

  function audit(mirror: Mirror): void {
    audited += 1

    const through = chooseThird(thirds, mirror.name, () => audits.uniform())
    // It behaves for the publisher, and for those who work with it.
    const isWarned = thirds.find(({ party }) => party === through?.party)?.warns ?? true
    const wrongAt = mirror.isLiar && !isWarned ? firstWrong() : undefined
    const outcome =
      wrongAt == null ? (audits.uniform() < value('failing') ? 'failed' : 'right') : 'lied'

    learn(mirror, {
      at: simulation.now,
      through: through?.party,
      trust: 0,
      challenges: wrongAt ?? value('blocks'),
      outcome
    })
  }

  function firstWrong(): number | undefined {
    for (let block = 1; block <= value('blocks'); block += 1) {
      if (audits.uniform() < value('lie.share')) return block
    }

    return undefined
  }

  function read(mirror: Mirror): void {
    if (reads.uniform() >= value('lie.share')) return
    mirror.wrong += 1
    // What the liar signed is proof, whoever brings it.
    if (reads.uniform() < value('report.share')) {
      learn(mirror, { at: simulation.now, trust: 0, challenges: 0, outcome: 'lied' })
    }
  }

  function learn(mirror: Mirror, result: AuditResult): void {
    mirror.standing = judge(mirror.standing, result)
    if (mirror.standing.state === 'dropped') mirror.droppedAt = simulation.now
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => mirrors.filter(({ droppedAt }) => droppedAt == null).length,
    until,
    outcome: () => {
      const bad = mirrors.filter(({ isLiar }) => isLiar)
      const good = mirrors.filter(({ isLiar }) => !isLiar)
      const times = new Sample()

      for (const { droppedAt } of bad) if (droppedAt != null) times.add(droppedAt / HOUR)

      const [median = Number.NaN, p95 = Number.NaN] = times.at(0.5, 0.95)
      const warned = thirds.length === 0 ? 1 : 1 - (1 - DIRECT) * (1 - colluding / thirds.length)
      const caught = (1 - power(1 - value('lie.share'), value('blocks'))) * (1 - warned)

      return {
        figures: {
          found: droppedShare(bad),
          median,
          expected: medianTime(caught, value('audit.interval')) / HOUR,
          p95,
          wrong: bad.reduce((sum, { wrong }) => sum + wrong, 0) / bad.length,
          accused: droppedShare(good),
          traffic: (audited / activeTime(mirrors, simulation.now)) * DAY
        },
        lines: { time: { liars: times.distribution } }
      }
    }
  })
}

/** Until half of the liars are found out of which each audit finds a share; the gaps grow as they pass. */
function medianTime(caught: number, interval: number): number {
  if (caught <= 0) return Number.NaN

  // Of a Poisson process of audits those that catch are one again, with a share of its rate.
  const audits = log(2) / caught
  let time = 0

  for (let passed = 0; passed < audits; passed += 1) {
    time += gapAfter(interval, { ...NEW_STANDING, passed }) * Math.min(1, audits - passed)
  }

  return time
}

/** In percent. */
function droppedShare(mirrors: readonly Mirror[]): number {
  return (100 * mirrors.filter(({ droppedAt }) => droppedAt != null).length) / mirrors.length
}

/** Of all mirrors together, in ticks. */
function activeTime(mirrors: readonly Mirror[], now: number): number {
  return mirrors.reduce((sum, { droppedAt = now }) => sum + droppedAt, 0)
}
