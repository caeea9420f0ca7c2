import { HOUR, MINUTE, SECOND } from '../engine/ticks.ts'
import { ChurningNetwork } from '../kademlia/churning-network.ts'
import { numberOf, type Run, type Scenario, type Setup } from '../scenario.ts'
import { messageBytes, MESSAGE_PARAMETERS } from './shared/message-bytes.ts'
import { checkNetwork, NETWORK_PARAMETERS, networkOf } from './shared/network-parameters.ts'
import { checkSessions, churnOf, SESSION_PARAMETERS } from './shared/session-parameters.ts'
import { SimulationRun } from './shared/simulation-run.ts'

const WARM_UP: number = 30 * MINUTE
const DAY_SECONDS = 86_400
const MIB = 2 ** 20
const GIB = 2 ** 30
const BITS = 8

/** What an operator must provide for a node. */
export const CAPACITY_PLAN: Scenario = {
  name: 'capacity-plan',
  title: 'What a node needs',
  description:
    'From how many visitors come and how much is mirrored: line, processor, memory and disk of one node. The share of the distributed hash table is played out with nodes that come and go; the rest is arithmetic over the figures given.',
  parameters: {
    nodes: {
      description:
        'nodes of the network, on or off; its traffic for one node hardly depends on them',
      unit: 'count',
      default: '1000',
      least: 50,
      most: 50_000
    },
    visitors: { description: 'visitors of a site in a day', unit: 'number', default: '2000' },
    'page.size': { description: 'what a visitor fetches', unit: 'size', default: '2MB' },
    'peak.factor': {
      description: 'busiest hour against the mean',
      unit: 'number',
      default: '4',
      least: 1
    },
    'site.size': { description: 'size of a site', unit: 'size', default: '1GB' },
    mirrors: { description: 'mirrors of a site', unit: 'count', default: '3' },
    mirrored: { description: 'sites that a node mirrors for others', unit: 'count', default: '5' },
    'cache.hits': {
      description: "share of a reader's requests that its own node's cache answers",
      unit: 'share',
      default: '30%'
    },
    'change.day': {
      description: 'share of a site that changes in a day',
      unit: 'share',
      default: '2%'
    },
    'lookup.interval': {
      description: 'mean time between two lookups of a node',
      unit: 'duration',
      default: '5m',
      least: 1000
    },
    refresh: {
      description: 'each bucket is refreshed once in this time',
      unit: 'duration',
      default: '1h'
    },
    'record.size': {
      description: 'a record with what the store adds',
      unit: 'size',
      default: '4KiB'
    },
    records: { description: 'records of each node in the hash table', unit: 'count', default: '3' },
    'cpu.message': { description: 'processor time of a message', unit: 'duration', default: '4ms' },
    'cpu.megabyte': {
      description: 'processor time of a megabyte served and checked',
      unit: 'duration',
      default: '8ms'
    },
    'memory.idle': {
      description: 'memory of a node that does nothing',
      unit: 'size',
      default: '125MiB'
    },
    'memory.transfer': { description: 'memory of a transfer', unit: 'size', default: '80KiB' },
    'transfer.time': {
      description: 'how long a visitor takes to fetch a page',
      unit: 'duration',
      default: '5s'
    },
    duration: {
      description: 'how long the hash table is played',
      unit: 'duration',
      default: '1h',
      least: 10 * MINUTE,
      most: 24 * HOUR
    },
    ...SESSION_PARAMETERS,
    ...MESSAGE_PARAMETERS,
    ...NETWORK_PARAMETERS
  },
  figures: {
    uplink: { label: 'Line out in the busiest hour', unit: 'Mbit/s', headline: true },
    cpu: { label: 'Of one processor in the busiest hour', unit: '%', headline: true },
    memory: { label: 'Memory', unit: 'MiB', headline: true },
    disk: { label: 'Disk', unit: 'GiB', headline: true },
    month: { label: 'Bytes out in a month', unit: 'GiB' },
    dht: { label: 'Hash table: traffic', unit: 'kB/s' },
    messages: { label: 'Hash table: messages', unit: '/s' },
    held: { label: 'Hash table: records held', unit: '' }
  },
  charts: {
    dht: { title: 'Messages of the hash table for a node', x: 'time, min', y: 'messages/s' }
  },
  leavesOut: [
    'Visitors spread over the publisher and its mirrors evenly, and each node has as much to do as any other.',
    'Costs of a message and of a megabyte, and the memory of a node, are inputs: measure them on your machine with npm run bench.',
    'A crowd above the busiest hour: see flash-crowd.'
  ],
  check: values => checkNetwork(values) ?? checkSessions(values),
  begin
}

function begin(setup: Setup): Run {
  const { values } = setup
  const network = networkOf(setup, { refresh: numberOf(values, 'refresh') })
  const { simulation, kademlia } = network
  const { exchange } = kademlia
  const until = WARM_UP + numberOf(values, 'duration')
  const points: (readonly [number, number])[] = []
  let counted = { messages: 0, bytes: 0, time: 0 }
  let before: typeof counted | undefined
  let nodeSeconds = 0
  const churning = new ChurningNetwork({
    network,
    begin: churnOf(setup),
    lookupInterval: numberOf(values, 'lookup.interval'),
    needed: 1,
    onLookup: () => count()
  })

  /** Takes stock each minute. */
  function count(): void {
    const now = simulation.now

    if (now - counted.time < MINUTE) return

    const next = {
      messages: exchange.requests + exchange.answers,
      bytes: messageBytes(values, exchange),
      time: now
    }
    const seconds = ((now - counted.time) / SECOND) * churning.live.size

    points.push([Math.round(now / MINUTE), (2 * (next.messages - counted.messages)) / seconds])
    if (now >= WARM_UP) {
      before ??= next
      if (before !== next) nodeSeconds += seconds
    }
    counted = next
  }

  return new SimulationRun({
    simulation,
    liveNodes: () => kademlia.sessions.live,
    until,
    prepare: churning.prepare(),
    outcome: () => {
      const start = before ?? counted
      // Each message is sent by one node and taken by another: both have the work.
      const messages = (2 * (counted.messages - start.messages)) / nodeSeconds
      const bytes = (counted.bytes - start.bytes) / nodeSeconds

      return {
        figures: planOf(setup, messages, bytes),
        lines: { dht: { node: points } }
      }
    }
  })
}

/** @param messages sent and taken by a node in a second; @param dht bytes sent by a node in a second */
function planOf({ values }: Setup, messages: number, dht: number): Record<string, number> {
  const value = (name: string): number => numberOf(values, name)
  const pages = (value('visitors') * (1 - value('cache.hits'))) / DAY_SECONDS
  // One's own site and those mirrored, each shared by its publisher and its mirrors.
  const shared = (1 + value('mirrored')) / (1 + value('mirrors'))
  const served = pages * shared * value('page.size')
  const pushed = (value('site.size') * value('change.day') * value('mirrors')) / DAY_SECONDS
  const peak = served * value('peak.factor') + pushed + dht
  const transfers = pages * shared * value('peak.factor') * (value('transfer.time') / SECOND)
  const held = value('records') * value('k')
  const cpu =
    messages * (value('cpu.message') / SECOND) +
    ((served * value('peak.factor') + pushed) / 1e6) * (value('cpu.megabyte') / SECOND)

  return {
    uplink: (peak * BITS) / 1e6,
    cpu: 100 * cpu,
    memory: (value('memory.idle') + transfers * value('memory.transfer')) / MIB,
    disk: ((1 + value('mirrored')) * value('site.size') + held * value('record.size')) / GIB,
    month: ((served + pushed + dht) * DAY_SECONDS * 30) / GIB,
    dht: dht / 1000,
    messages,
    held
  }
}
