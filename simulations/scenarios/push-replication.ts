import { MAX_AGREEMENTS, MAX_STRANGERS } from '../../overlay/agreements/bounds.ts'
import { Streams } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../engine/ticks.ts'
import { Sample, Timeline } from '../measures.ts'
import { ReplicatedSite } from '../mirroring/replicated-site.ts'
import { Churn } from '../network/churn.ts'
import { CHARACTER_PARAMETERS, Characters } from '../population/characters.ts'
import { numberOf, type Run, type Scenario, type Setup, type Violation } from '../scenario.ts'
import { checkSessions, churnOf, SESSION_PARAMETERS } from './shared/session-parameters.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const PUBLISH = 80
const LEAVE = 81
const ROUND = 82

/** Between two looks of the publisher at who is to be checked, and of the simulator at how things stand. */
const BETWEEN_ROUNDS: number = 30 * SECOND

/** Points of a line over time. */
const STRETCHES = 48

/** A publisher keeps copies of a site on mirrors that come and go. */
export const PUSH_REPLICATION: Scenario = {
  name: 'push-replication',
  title: 'New versions on their way to mirrors',
  description:
    "Mirrors offer themselves, are checked and listed by the node's own rules of agreements, and come and go. The publisher changes the site from time to time and pushes what is new; after the last version it goes off. How soon are there k copies, what does that cost its line, and is the site still there without it?",
  parameters: {
    nodes: {
      description: 'nodes that would mirror the site, on or off',
      unit: 'count',
      default: '40',
      least: 1,
      most: 5000
    },
    friends: {
      description: 'share of them that the owner trusts',
      unit: 'share',
      default: '20%'
    },
    malicious: { ...CHARACTER_PARAMETERS.malicious, default: '10%' },
    'lie.share': {
      description: 'checks of a malicious mirror that find it out',
      unit: 'share',
      default: '30%',
      least: 0.001
    },
    k: { description: 'copies that are wanted', unit: 'count', default: '8', least: 1, most: 5000 },
    how: {
      description:
        'push: the publisher sends what is new to listed mirrors; pull: they look for it themselves',
      choices: ['push', 'pull'],
      default: 'push'
    },
    'at.once': {
      description: 'mirrors that are pushed to at once',
      unit: 'count',
      default: '4',
      least: 1,
      most: 1000
    },
    'poll.interval': {
      description: 'how often a mirror looks for a new version by itself',
      unit: 'duration',
      default: '5m',
      least: SECOND
    },
    'site.size': { description: 'size of the site', unit: 'size', default: '200MB', least: 1 },
    'change.size': {
      description: 'blocks of a version that the one before did not have',
      unit: 'size',
      default: '5MB',
      least: 1
    },
    uplink: { description: "the publisher's line", unit: 'rate', default: '20Mbit/s', least: 1000 },
    versions: {
      description: 'versions that are published',
      unit: 'count',
      default: '12',
      least: 1,
      most: 10_000
    },
    'publish.interval': {
      description: 'time between two versions',
      unit: 'duration',
      default: '2h',
      least: MINUTE,
      most: 30 * DAY
    },
    'leaves.after': {
      description: 'the publisher goes off so long after the last version',
      unit: 'duration',
      default: '10m',
      most: 30 * DAY
    },
    after: {
      description: 'how long the site is watched without its publisher',
      unit: 'duration',
      default: '24h',
      least: HOUR,
      most: 365 * DAY
    },
    ...SESSION_PARAMETERS
  },
  figures: {
    time: { label: 'Time to k copies, median', unit: 's', headline: true },
    p95: { label: 'Time to k copies, 95th percentile', unit: 's' },
    reached: { label: 'Versions that get to k copies', unit: '%', headline: true },
    bytes: { label: 'Bytes that a version costs the publisher', unit: 'MB', headline: true },
    wasted: { label: 'Of its bytes, in vain', unit: '%' },
    survival: {
      label: 'Of the time without the publisher, the last version is there',
      unit: '%',
      headline: true
    },
    told: { label: 'Mirrors that readers are told of and that have it', unit: '%' },
    listed: { label: 'Mirrors that are listed', unit: '' },
    liars: { label: 'Malicious mirrors that are listed', unit: '' }
  },
  charts: {
    copies: { title: 'Copies of the last version', x: 'time, h', y: 'mirrors that are on' },
    time: { title: 'Time to k copies', x: 'versions that get there, %', y: 's' }
  },
  leavesOut: [
    'Only the line of the publisher is scarce. Mirrors take the changed blocks from it alone; they could take them from each other.',
    'A reader without a record of the last version cannot know that there is one: see publish-find.',
    'A malicious mirror stores nothing, and says that it has all; what readers lose by it is the subject of validation.',
    'Every mirror has an address in a network of its own, so that the limit for one network is never met.'
  ],
  check: checkSessions,
  begin
}

function begin(setup: Setup): Run {
  const { seed, values } = setup
  const simulation = new Simulation()
  const streams = new Streams(seed)
  const nodes = numberOf(values, 'nodes')
  const characters = new Characters(
    nodes,
    { confused: 0, malicious: numberOf(values, 'malicious') },
    streams.stream('characters')
  )
  const site = new ReplicatedSite({ simulation, streams, values, characters })
  const churn = new Churn({
    simulation,
    streams,
    nodes,
    onSwitch: (node, isOn) => site.switch(node, isOn)
  })
  const leaves =
    (numberOf(values, 'versions') - 1) * numberOf(values, 'publish.interval') +
    numberOf(values, 'leaves.after')
  const until = leaves + numberOf(values, 'after')
  const seen = { told: new Sample(), listed: new Sample(), liars: new Sample() }
  const afterwards = new Sample()
  const copies = new Timeline(until, STRETCHES)
  let violation: Violation | undefined

  simulation.handle(PUBLISH, kind => {
    if (kind === PUBLISH) publish()
    else if (kind === ROUND) round()
    else site.isPublisherOn = false
  })

  function publish(): void {
    site.publish()
    if (site.versions.length < numberOf(values, 'versions')) {
      simulation.after(numberOf(values, 'publish.interval'), PUBLISH, 0)
    }
  }

  function round(): void {
    site.check()
    if (site.isPublisherOn) look()
    else afterwards.add(site.copiesOf(site.newest) > 0 ? 100 : 0)
    copies.add(simulation.now, site.copiesOf(site.newest))
    simulation.after(BETWEEN_ROUNDS, ROUND, 0)
  }

  function look(): void {
    const listed = site.listed()
    const strangers = site.list.all.filter(({ trust, state }) => trust === 0 && state !== 'dropped')

    seen.listed.add(listed.length)
    seen.liars.add(listed.filter(node => characters.isMalicious(node)).length)
    if (listed.length > 0) {
      seen.told.add(
        (100 * listed.filter(node => site.has(node, site.newest)).length) / listed.length
      )
    }
    if (listed.length > MAX_AGREEMENTS) broken(`${listed.length} mirrors are listed`)
    if (strangers.length > MAX_STRANGERS) broken(`${strangers.length} strangers have a place`)
  }

  function broken(message: string): void {
    simulation.halt()
    violation ??= { time: simulation.now, message }
  }

  function* prepare(): Generator<void, void> {
    for (const node of churnOf(setup)(churn)) site.switch(node, true)
    yield
    simulation.after(0, PUBLISH, 0)
    simulation.after(BETWEEN_ROUNDS, ROUND, 0)
    simulation.after(leaves, LEAVE, 0)
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => site.live,
    until,
    prepare: prepare(),
    violation: () => violation,
    outcome: () => {
      const times = new Sample()

      for (const { at, reachedAt } of site.versions) {
        if (reachedAt != null) times.add((reachedAt - at) / SECOND)
      }

      const [time = Number.NaN, p95 = Number.NaN] = times.at(0.5, 0.95)

      return {
        figures: {
          time,
          p95,
          reached: (100 * times.count) / site.versions.length,
          bytes: site.sent / site.versions.length / 1e6,
          wasted: (100 * site.wasted) / site.sent,
          survival: afterwards.mean,
          told: seen.told.mean,
          listed: seen.listed.mean,
          liars: seen.liars.mean
        },
        lines: {
          copies: { 'mirrors that have it': copies.means(HOUR) },
          time: { versions: times.distribution }
        }
      }
    }
  })
}
