import { Disks } from '../chaos/disk.ts'
import { FAULTS, Faults, type Fault } from '../chaos/faults.ts'
import { Invariants } from '../chaos/invariants.ts'
import { MUTANTS, Surroundings } from '../chaos/surroundings.ts'
import { World } from '../chaos/world.ts'
import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { DAY, MINUTE, SECOND } from '../engine/ticks.ts'
import { Sample, Timeline } from '../measures.ts'
import {
  numberOf,
  type Parameter,
  type Run,
  type Scenario,
  type Setup,
  type Values,
  type Violation
} from '../scenario.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const CHECK = 96

/** Between two looks at queues and disks. */
const BETWEEN_CHECKS: number = SECOND

/** After the last fault: until puts have come round, and how long all must be well from then on. */
const SETTLING: number = 90 * SECOND
const WELL: number = 60 * SECOND

/** Points of a line over time. */
const STRETCHES = 30

const DESCRIPTIONS: Readonly<Record<Fault, string>> = {
  crash: 'nodes crash, lose what is in memory and was not written yet, and start again',
  partition: 'the network falls into two parts at random',
  loss: 'up to 40 % of messages get lost',
  skew: 'a clock is wrong by up to 2 hours',
  disk: 'a disk is 200 times slower',
  liar: 'a node sends wrong bytes, old records and forged ones'
}

/** Everything fails, all the time. */
export const CHAOS: Scenario = {
  name: 'chaos',
  title: 'Everything fails, and what must never happen does not',
  description:
    "A few nodes publish, hold records, read and serve each other by the node's own rules, while crashes, partitions, loss, wrong clocks, slow disks and liars come and go at random. No wrong byte may be delivered, nobody may be led back to an older version, no acknowledged record may be lost, and all that waits stays bounded; when the faults are over, each read must give the newest version. Where it does not, the run stops there.",
  parameters: {
    nodes: { description: 'nodes', unit: 'count', default: '10', least: 2, most: 100 },
    sites: {
      description: 'sites, each published by a node of its own',
      unit: 'count',
      default: '3',
      least: 1,
      most: 99
    },
    holders: {
      description: 'nodes that hold the record of a site, and serve it',
      unit: 'count',
      default: '4',
      least: 1,
      most: 99
    },
    'publish.interval': {
      description: 'time between two versions of a site',
      unit: 'duration',
      default: '45s',
      least: SECOND
    },
    'read.interval': {
      description: 'mean time between two reads of a node',
      unit: 'duration',
      default: '2s',
      least: 10_000
    },
    'fault.interval': {
      description: 'mean time between two faults',
      unit: 'duration',
      default: '5s',
      least: 10_000
    },
    'fault.length': {
      description: 'mean time that one lasts',
      unit: 'duration',
      default: '20s',
      least: 1000
    },
    duration: {
      description: 'how long faults come; all must be well 90 s later',
      unit: 'duration',
      default: '20m',
      least: MINUTE,
      most: 30 * DAY
    },
    ...Object.fromEntries(
      FAULTS.map((fault): [string, Parameter] => [
        fault,
        { description: DESCRIPTIONS[fault], choices: ['on', 'off'], default: 'on' }
      ])
    ),
    without: {
      description:
        'a rule that is left out on purpose, to see that it is noticed: disk: records are acknowledged before they are written; check: blocks are not checked; order: older records replace newer ones; bound: anything may wait',
      choices: MUTANTS,
      default: 'nothing'
    }
  },
  figures: {
    delivered: { label: 'Reads that deliver, during the faults', unit: '%', headline: true },
    newest: { label: 'Of these, the newest version', unit: '%', headline: true },
    faults: { label: 'Faults', unit: '', headline: true },
    healed: { label: 'Reads that give the newest version afterwards', unit: '%', headline: true },
    wrong: { label: 'Wrong blocks that were refused', unit: '' },
    forged: { label: 'Forged records that were refused', unit: '' },
    acknowledged: { label: 'Records that holders acknowledged', unit: '' },
    time: { label: 'Time of a read, median', unit: 's' },
    p95: { label: 'Time of a read, 95th percentile', unit: 's' }
  },
  charts: {
    reads: { title: 'What reads come to', x: 'time, min', y: 'reads, %' },
    time: { title: 'Time of a read that delivers', x: 'reads, %', y: 's' }
  },
  leavesOut: [
    'Of the node run: how records succeed each other, the check of blocks, the memory of liars, the rule of the cache and the schedule of puts. What holds, asks and serves around them is a model of its own, smaller than the node.',
    'A disk keeps what it said it has: no bit rots, and no flush is pretended.',
    'Signatures are a flag here: whoever did not sign cannot, and a forged record is found out at once.',
    'Publishers do not lie. What they sign is true by definition.'
  ],
  check: checkTogether,
  begin
}

function checkTogether(values: Values): string | undefined {
  const nodes = numberOf(values, 'nodes')

  if (numberOf(values, 'sites') >= nodes) return 'sites are fewer than nodes'

  return numberOf(values, 'holders') >= nodes ? 'holders are fewer than nodes' : undefined
}

function begin({ seed, values }: Setup): Run {
  const simulation = new Simulation()
  const streams = new Streams(seed)
  const nodes = numberOf(values, 'nodes')
  const sites = numberOf(values, 'sites')
  const calmAt = numberOf(values, 'duration')
  const until = calmAt + SETTLING + WELL
  const without = MUTANTS.find(mutant => mutant === values['without']) ?? 'nothing'
  const invariants = new Invariants()
  const counts = { block: 0, record: 0, acknowledged: 0 }
  const seen = {
    delivered: new Sample(),
    newest: new Sample(),
    healed: new Sample(),
    time: new Sample()
  }
  const lines = {
    delivered: new Timeline(until, STRETCHES),
    newest: new Timeline(until, STRETCHES)
  }
  let violation: Violation | undefined

  const faults = new Faults({
    simulation,
    nodes,
    stream: streams.stream('faults'),
    kinds: FAULTS.filter(fault => values[fault] === 'on'),
    interval: numberOf(values, 'fault.interval'),
    length: numberOf(values, 'fault.length'),
    calmAt,
    isTrue: node => node < sites,
    onCrash: node => world.crash(node),
    onRestart: node => world.restart(node)
  })
  const disks = new Disks(simulation, node => faults.slowness(node), without !== 'bound')
  const around = new Surroundings({
    simulation,
    streams,
    nodes,
    holders: numberOf(values, 'holders'),
    without,
    faults,
    disks,
    witness: {
      published: (site, version) => invariants.published(site, version),
      acknowledged: (node, site, seq) => {
        counts.acknowledged += 1
        invariants.acknowledged(node, site, seq)
      },
      refused: what => {
        counts[what] += 1
      },
      failed: ({ began }) => ended(began, false, false),
      delivered: (read, record) => {
        broken(invariants.delivered(read, record, around.session(read.node), simulation.now))
        seen.time.add((simulation.now - read.began) / SECOND)
        ended(read.began, true, invariants.isNewest(read.site, record))
      }
    }
  })
  const world = new World(around, {
    publishing: { sites, interval: numberOf(values, 'publish.interval'), calmAt },
    reading: { sites, interval: numberOf(values, 'read.interval') }
  })

  simulation.handle(CHECK, () => {
    broken(invariants.recordsKept(around) ?? invariants.bounded(around, world.reading))
    simulation.after(BETWEEN_CHECKS, CHECK, 0)
  })
  simulation.after(0, CHECK, 0)

  function ended(began: number, isDelivered: boolean, isNewest: boolean): void {
    simulation.trace.add(simulation.now, CHECK, isDelivered ? 1 : 0, isNewest ? 1 : 0)
    lines.delivered.add(simulation.now, isDelivered ? 100 : 0)
    if (isDelivered) lines.newest.add(simulation.now, isNewest ? 100 : 0)

    if (began < calmAt) {
      seen.delivered.add(isDelivered ? 100 : 0)
      if (isDelivered) seen.newest.add(isNewest ? 100 : 0)
    } else if (began > calmAt + SETTLING) {
      seen.healed.add(isNewest ? 100 : 0)
      if (!isNewest) broken('a read does not give the newest version, long after the last fault')
    }
  }

  function broken(message: string | undefined): void {
    if (message == null) return
    simulation.halt()
    violation ??= { time: simulation.now, message }
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => [...Array(nodes).keys()].filter(node => faults.isUp(node)).length,
    until,
    violation: () => violation,
    outcome: () => {
      const [time = Number.NaN, p95 = Number.NaN] = seen.time.at(0.5, 0.95)

      return {
        figures: {
          delivered: seen.delivered.mean,
          newest: seen.newest.mean,
          faults: faults.injected,
          healed: seen.healed.mean,
          wrong: counts.block,
          forged: counts.record,
          acknowledged: counts.acknowledged,
          time,
          p95
        },
        lines: {
          reads: {
            'deliver something': lines.delivered.means(MINUTE),
            'of these, the newest version': lines.newest.means(MINUTE)
          },
          time: { reads: seen.time.distribution }
        }
      }
    }
  })
}
