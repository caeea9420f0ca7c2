import type { Command } from 'commander'
import type { ResolutionJson } from '../http-gateway/control/index.ts'
import type { Run } from './context.ts'
import { examples } from './examples.ts'
import { describeStep, printable } from './failure.ts'
import { runningNode } from './node.ts'
import { parseTarget } from './target.ts'
import { describeTime, table } from './text.ts'

export function addResolve(program: Command, run: Run): void {
  program
    .command('resolve')
    .description('who a node is, where it is, and how that is known')
    .argument('<address>', '<uuid>, <uuid>.<fp>, or a URL of one of its documents')
    .option('--fresh', 'ask the network even where the answer is known')
    .addHelpText('after', examples('plexnet resolve 6409808a-3548-11db-f2fd-0016cb90e4dc'))
    .action(
      run(async (context, text: string, options: { fresh?: boolean }) => {
        const { address } = parseTarget(text)
        const resolution = await (await runningNode(context)).resolve(address, options)

        return { value: resolution, text: resolutionText(resolution) }
      })
    )
}

const SOURCES: Record<ResolutionJson['source'], string> = {
  self: 'this node itself',
  memory: 'this node still knew it',
  disk: 'this node remembered it',
  dht: 'the network',
  peer: 'a peer'
}

const ASSURANCES: Record<ResolutionJson['assurance'], string> = {
  self: 'it is this node',
  'self-certifying': 'the address names its key',
  vouched: 'the trust map vouches for it',
  pinned: 'its key was seen before under this UUID',
  'only-claim':
    'nobody else claims this UUID; compare the fingerprint, or use the full address from now on'
}

/** Whom trust leads through, from this node to the other. */
export function pathText(path: readonly string[]): string {
  return ['this node', ...path.slice(1)].join(' -> ')
}

function resolutionText(resolution: ResolutionJson): string {
  const { host, endpoints, multiaddrs, source, assurance, learnt, stale, expires, trail, vouch } =
    resolution
  const facts = table([
    ['Address', resolution.address],
    ['Fingerprint', resolution.fingerprint],
    ...(host == null ? [] : [['Host', printable(host)] as const]),
    ...endpoints.map(endpoint => ['HTTPS', printable(endpoint)] as const),
    ...multiaddrs.map(multiaddr => ['libp2p', printable(multiaddr)] as const),
    ['Known from', `${SOURCES[source]}, ${describeTime(learnt)}`],
    ['Because', ASSURANCES[assurance]],
    ...(vouch?.paths ?? []).map(path => ['Trusted by', pathText(path)] as const),
    ['Valid until', `${describeTime(expires)}${stale ? ' (stale: nobody could be asked)' : ''}`]
  ])

  return [facts, ...(trail.length === 0 ? [] : ['']), ...trail.map(describeStep)].join('\n')
}
