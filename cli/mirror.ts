import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { formatQuantity, parseQuantity } from '../config/quantities.ts'
import type { ControlledNode, MirrorJson, MirrorPaceJson } from '../http-gateway/control/index.ts'
import { parseHours } from '../overlay/mirrors/pace/hours.ts'
import { note, type Context, type Run } from './context.ts'
import { UsageError } from './errors.ts'
import { examples } from './examples.ts'
import { runningNode } from './node.ts'
import { describeBytes, describeSeconds, describeTime, table } from './text.ts'

/** How often the node is asked how far a first copy is, in ms. */
const LOOK_EVERY = 250

const SAMPLE = '6409808a-3548-11db-f2fd-0016cb90e4dc.mzxw6ytboi2gk3tumvzxi5dfon'

interface MirrorOptions {
  readonly quota: string
  readonly rate?: string
  readonly schedule?: string
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
    .option('--rate <rate>', 'fetch no faster, such as 10Mbit or 1MiB a second; none lifts it')
    .option(
      '--schedule <hours>',
      'fetch only then, by the clock of the node, such as 01:00-06:00; always lifts it'
    )
    .option('--no-wait', 'return at once; the node goes on with the copy')
    .addHelpText(
      'after',
      examples(
        `plexnet mirror ${SAMPLE}`,
        'plexnet mirror alice --quota 20GiB --rate 10Mbit --schedule 01:00-06:00'
      )
    )
    .action(
      run(async (context, address: string, { quota, wait, ...pace }: MirrorOptions) => {
        const asked = [readQuota(quota), readPace(pace)] as const
        const node = await runningNode(context)
        const begun = await node.mirrors.add(address, ...asked)
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

/** @throws UsageError */
function readPace({ rate, schedule }: Pick<MirrorOptions, 'rate' | 'schedule'>): MirrorPaceJson {
  return {
    ...(rate != null && { rate: rate === 'none' ? null : readRate(rate) }),
    ...(schedule != null && { schedule: schedule === 'always' ? null : readSchedule(schedule) })
  }
}

/** @throws UsageError */
function readRate(text: string): number {
  const rate = parseQuantity(text, 'rate')

  if (rate == null || rate <= 0) {
    throw new UsageError(
      `"${text}" is no rate: write 10Mbit for bits or 1MiB for bytes, a second, or none`
    )
  }

  return rate
}

/** @throws UsageError */
function readSchedule(text: string): string {
  if (parseHours(text) == null) {
    throw new UsageError(
      `"${text}" are no hours: write a schedule such as 01:00-06:00, 22:30-05:00 over midnight, or always`
    )
  }

  return text
}

/** Tells of the copy until it is whole, or cannot be made now; who breaks it off leaves the node at work. */
async function untilSettled(
  context: Context,
  node: ControlledNode,
  begun: MirrorJson
): Promise<MirrorJson> {
  const since = performance.now()
  let mirror = begun
  let told = ''
  let before: number | undefined

  while ((mirror.state === 'waiting' && mirror.resumes == null) || mirror.state === 'copying') {
    if (mirror.state === 'copying') before ??= mirror.progress.bytesHere

    const line = progressText(mirror) + leftText(mirror, before, performance.now() - since)

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

/** How long the rest takes at the pace so far; nothing where that says nothing yet. */
function leftText({ progress }: MirrorJson, before = 0, passed: number): string {
  const { bytes, bytesHere } = progress
  const seconds = (((bytes - bytesHere) / (bytesHere - before)) * passed) / 1000

  return bytesHere > before && passed > LOOK_EVERY ? `, about ${describeSeconds(seconds)} left` : ''
}

function describe(mirror: MirrorJson): string {
  const { address, quota, version, files, bytes, completeness, checked } = mirror

  return table([
    ['Site', address],
    ['State', stateText(mirror)],
    ['Whole', `${Math.floor(completeness * 100)} %`],
    ['Serves', version == null ? 'nothing yet' : `version ${version.seq}, ${files} files`],
    ['Takes', `${describeBytes(bytes)} of ${describeBytes(quota)}`],
    ...paceRows(mirror),
    ['Checked', checked == null ? 'not yet' : describeTime(checked)]
  ])
}

function stateText({ state, failure, resumes }: MirrorJson): string {
  if (failure != null) return `${state}: ${failure}`

  return resumes == null ? state : `${state} until ${describeTime(resumes)}`
}

/** Nothing where there is no limit. */
function paceRows({ rate, schedule }: MirrorJson): [string, string][] {
  return [
    ...(rate == null ? [] : [['Rate', formatQuantity(rate, 'rate')] as [string, string]]),
    ...(schedule == null ? [] : [['Schedule', schedule] as [string, string]])
  ]
}
