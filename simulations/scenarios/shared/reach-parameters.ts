import type { KademliaNetwork } from '../../kademlia/network.ts'
import { MessageLines } from '../../network/message-lines.ts'
import { Nats } from '../../network/nat.ts'
import { numberOf, type Parameter, type Values } from '../../scenario.ts'

/** The parameters of every scenario whose nodes may stand behind NATs and slow lines. */
export const REACH_PARAMETERS = {
  'nat.behind': {
    description: 'nodes behind a NAT that serve the DHT all the same',
    unit: 'share',
    default: '0%'
  },
  'nat.symmetric': {
    description: 'of these, with a mapping for each destination',
    unit: 'share',
    default: '15%'
  },
  'nat.relayed': {
    description: 'of these, with a relay through which they are reached',
    unit: 'share',
    default: '0%'
  },
  'nat.punched': {
    description: 'attempts to punch a hole that succeed; the others stay on the relay',
    unit: 'share',
    default: '70%'
  },
  'message.uplink': {
    description:
      'line out of each node, on which messages leave one after the other; 0B/s for lines that are always empty',
    unit: 'rate',
    default: '0B/s'
  }
} as const satisfies Record<string, Parameter>

/** Puts NATs in front of nodes, and lines behind them. */
export function limitReach(network: KademliaNetwork, values: Values): void {
  const rate = numberOf(values, 'message.uplink')

  if (rate > 0) {
    network.wire.lines = new MessageLines(network.nodes, () => rate, {
      header: numberOf(values, 'message.header'),
      contact: numberOf(values, 'message.contact')
    })
  }
  if (numberOf(values, 'nat.behind') > 0) putBehindNats(network, values)
}

/** A request to a node that is not reached is given up after the timeout; a relay makes a request and its answer longer. */
function putBehindNats(network: KademliaNetwork, values: Values): void {
  const { wire, settings, streams, nodes, kademlia } = network
  const relays = streams.stream('relays')
  const relayOf = Int32Array.from({ length: nodes }, () => relays.below(nodes))
  const nats = new Nats(
    nodes,
    {
      behind: numberOf(values, 'nat.behind'),
      symmetric: numberOf(values, 'nat.symmetric'),
      punched: numberOf(values, 'nat.punched'),
      relayed: numberOf(values, 'nat.relayed')
    },
    streams
  )

  kademlia.exchange.dialling = (from, to) => {
    const connection = nats.connect(from, to)

    if (connection === 'none') return -settings.timeout
    if (connection !== 'relayed') return 0

    const relay = relayOf[to]!
    const detour = wire.oneWay(from, relay) + wire.oneWay(relay, to)

    return 2 * Math.max(0, detour - wire.oneWay(from, to))
  }
}
