import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { parseQuantity } from '../config/quantities.ts'
import type { ControlledNode, MirrorJson } from '../http-gateway/control/index.ts'
import { note, type Context, type Run } from './context.ts'
import { UsageError } from './errors.ts'
import { examples } from './examples.ts'
import { runningNode } from './node.ts'
import { describeBytes, describeTime, table } from './text.ts'

/** How often the node is asked how far a first copy is, in ms. */
const LOOK_EVERY = 250

const SAMPLE = '6409808a-3548-11db-f2fd-0016cb90e4dc.mzxw6ytboi2gk3tumvzxi5dfon'

interface MirrorOptions {
  readonly quota: string
  readonly wait: boolean
}

export function addMirror(program: Command, run: Run): void {
  program
    .command('mirror')
    .description(
      'keep a whole copy of the site of another node, follow it, and serve it to anybody'
    )
    .argument('<address>', '<uuid>.<fp>, or a name')
    .option('--quota <size>', 'room for it on this disk', '5GiB')
    .option('--no-wait', 'return at once; the node goes on with the copy')
    .addHelpText(
      'after',
      examples(`plexnet mirror ${SAMPLE}`, 'plexnet mirror alice --quota 20GiB')
    )
    .action(
      run(async (context, address: string, { quota, wait }: MirrorOptions) => {
        const node = await runningNode(context)
        const begun = await node.mirrors.add(address, readQuota(quota))
        const mirror = wait ? await untilSettled(context, node, begun) : begun

        return { value: mirror, text: describe(mirror) }
      })
    )

  program
    .command('unmirror')
    .description('remove the copy of a site')
    .argument('<address>', '<uuid>.<fp>, or a name')
    .addHelpText('after', examples(`plexnet unmirror ${SAMPLE}`))
    .action(
      run(async (context, address: string) => {
        const mirror = await (await runningNode(context)).mirrors.remove(address)

        return { value: mirror, text: `${mirror.address} is not mirrored any more.` }
      })
    )

  program
    .command('mirrors')
    .description('what this node mirrors')
    .addHelpText('after', examples('plexnet mirrors', 'plexnet --json mirrors'))
    .action(
      run(async context => {
        const mirrors = await (await runningNode(context)).mirrors.list()

        return {
          value: mirrors,
          text: mirrors.length === 0 ? NOTHING : mirrors.map(describe).join('\n\n')
        }
      })
    )
}

const NOTHING = 'This node mirrors nothing: plexnet mirror <address>'

/** @throws UsageError */
function readQuota(text: string): number {
  const quota = parseQuantity(text, 'bytes')

  if (quota == null || quota <= 0) {
    throw new UsageError(`"${text}" is no size: write a quota such as 5GiB`)
  }

  return quota
}

/** Tells of the copy until it is whole, or cannot be made now; who breaks it off leaves the node at work. */
async function untilSettled(
  context: Context,
  node: ControlledNode,
  begun: MirrorJson
): Promise<MirrorJson> {
  let mirror = begun
  let told = ''

  while (mirror.state === 'waiting' || mirror.state === 'copying') {
    const line = progressText(mirror)

    if (line !== told) note(context, line)
    told = line
    await delay(LOOK_EVERY)
    mirror = (await node.mirrors.list()).find(({ address }) => address === begun.address) ?? mirror
  }

  return mirror
}

function progressText({ completeness, progress }: MirrorJson): string {
  const { files, bytes, bytesHere } = progress

  return bytes === 0
    ? 'Looking for the site …'
    : `${Math.floor(completeness * 100)} %, ${describeBytes(bytesHere)} of ${describeBytes(bytes)} in ${files} files`
}

function describe(mirror: MirrorJson): string {
  const { address, state, failure, quota, version, files, bytes, completeness, checked } = mirror

  return table([
    ['Site', address],
    ['State', failure == null ? state : `${state}: ${failure}`],
    ['Whole', `${Math.floor(completeness * 100)} %`],
    ['Serves', version == null ? 'nothing yet' : `version ${version.seq}, ${files} files`],
    ['Takes', `${describeBytes(bytes)} of ${describeBytes(quota)}`],
    ['Checked', checked == null ? 'not yet' : describeTime(checked)]
  ])
}
