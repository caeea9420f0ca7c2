import type { Command } from 'commander'
import type {
  JoinStatus,
  NodeStatus,
  PeerStatus,
  SeedAttempt,
  SeedCard
} from '../http-gateway/control/index.ts'
import type { Run } from './context.ts'
import { examples } from './examples.ts'
import { printable } from './failure.ts'
import { runningNode } from './node.ts'
import { sourcesText } from './sources-text.ts'
import { describeBytes, describeTime, sitePlaces, table } from './text.ts'
import { treeRows } from './tree-text.ts'

export function addStatus(program: Command, run: Run): void {
  program
    .command('status')
    .description('how the running node is doing')
    .option('--why <address>', 'which sources of a site are asked, and why; an address or a name')
    .addHelpText(
      'after',
      examples('plexnet status', 'plexnet status --json | jq .join', 'plexnet status --why alice')
    )
    .action(
      run(async (context, { why }: { readonly why?: string }) => {
        const node = await runningNode(context)

        if (why != null) {
          const sources = await node.sources(why)

          return { value: sources, text: sourcesText(sources) }
        }

        const status = await node.status()

        return { value: status, text: statusText(status) }
      })
    )

  program
    .command('peers')
    .description('the nodes that this one is connected to')
    .addHelpText('after', examples('plexnet peers'))
    .action(
      run(async context => {
        const peers = await (await runningNode(context)).peers()

        return { value: peers, text: peersText(peers) }
      })
    )

  program
    .command('seed')
    .description('how another node joins the network through this one')
    .addHelpText('after', examples('plexnet seed'))
    .action(
      run(async context => {
        const card = await (await runningNode(context)).seed()

        return { value: card, text: seedText(card) }
      })
    )
}

export function statusText(status: NodeStatus): string {
  const { record, site, tls, join } = status

  return table([
    ['Plexnet', `${status.version}, process ${status.pid}, up ${describeDuration(status.uptime)}`],
    ['Address', status.address],
    ...lines('Listening', [...status.http, ...status.https, ...status.p2p]),
    ['Network', joinText(join)],
    ...lines('Seeds', join.seeds.map(seedAttemptText)),
    ...(site == null ? [['Site', 'none; publish one with `plexnet publish FOLDER`'] as const] : []),
    ...(site == null ? [] : [['Site', site.root] as const, ...sitePlaces(site.urls)]),
    ...(site?.tree == null ? [] : treeRows(site.tree)),
    [
      'Record',
      record == null ? 'none yet' : `number ${record.seq}, until ${describeTime(record.expires)}`
    ],
    ...cacheRows(status.caches),
    ['Certificate', `until ${describeTime(tls.expires)}`],
    ['Authority', status.locked ? 'locked: nothing is renewed until `plexnet unlock`' : 'unlocked']
  ])
}

function cacheRows(caches: NodeStatus['caches']): [string, string][] {
  if (caches == null) return []

  const { asked, hits, bytes, waited, offer } = caches
  const until = offer?.until == null ? '' : ` until ${describeTime(offer.until)}`

  return [
    ...(offer == null
      ? []
      : [['Cache', `offered${until}, ${describeBytes(offer.sent)} sent`] as [string, string]]),
    ...(asked === 0
      ? []
      : [
          [
            'Nearby',
            `${hits} of ${asked} questions found a file, ${describeBytes(bytes)} from there; ${Math.round(waited)} ms waited in vain`
          ] as [string, string]
        ])
  ]
}

function joinText({ state, peers }: JoinStatus): string {
  const reason = {
    alone:
      'no seed is configured and no node was found nearby; `plexnet start --seed URL` joins one',
    joining: 'joining',
    joined: 'joined',
    offline: 'offline: all peers are gone; it keeps trying'
  }[state]

  return peers > 0 ? `${reason}, ${peers} ${peers === 1 ? 'peer' : 'peers'}` : reason
}

function seedAttemptText({ seed, outcome, detail }: SeedAttempt): string {
  return `${seed}: ${outcome}${detail == null ? '' : `, ${printable(detail)}`}`
}

function peersText(peers: readonly PeerStatus[]): string {
  const rows = peers.map(
    ({ peerId, uuid = '(unknown)', addresses, direction, latency }): [string, string] => [
      uuid,
      [
        peerId,
        direction,
        ...(latency == null ? [] : [`${Math.round(latency)} ms`]),
        ...addresses
      ].join(' ')
    ]
  )

  return rows.length === 0 ? 'No peers.' : table(rows)
}

function seedText({ uuid, fingerprint, urls, multiaddrs, command, nodes }: SeedCard): string {
  return [
    'On the other machine:',
    '',
    `  ${command}`,
    '',
    table([
      ['UUID', uuid],
      ['Fingerprint', fingerprint],
      ...lines('Addresses', [...urls, ...multiaddrs]),
      ['Tells of', `${nodes} other ${nodes === 1 ? 'node' : 'nodes'}`]
    ])
  ].join('\n')
}

/** The label stands only before the first. */
function lines(label: string, values: readonly string[]): (readonly [string, string])[] {
  return values.map((value, index) => [index === 0 ? label : '', value])
}

function describeDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's']
  ] as const
  const first = parts.findIndex(([count]) => count > 0)

  return parts
    .slice(first === -1 ? -1 : first)
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}
