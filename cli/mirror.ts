import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { parseQuantity } from '../config/quantities.ts'
import type { ControlledNode, MirrorJson, MirrorPaceJson } from '../http-gateway/control/index.ts'
import { parseHours } from '../overlay/mirrors/pace/hours.ts'
import { note, type Context, type Output, type Run } from './context.ts'
import { UsageError } from './errors.ts'
import { examples } from './examples.ts'
import { runningNode } from './node.ts'
import { addMirrors } from './mirrors.ts'
import { describeMirrored } from './mirrors/describe.ts'
import { describeBytes, describeSeconds } from './text.ts'

/** How often the node is asked how far a first copy is, in ms. */
const LOOK_EVERY = 250

const SAMPLE = '6409808a-3548-11db-f2fd-0016cb90e4dc.mzxw6ytboi2gk3tumvzxi5dfon'

interface MirrorOptions {
  readonly quota?: string
  readonly trusted?: string
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
    .argument('[address]', '<uuid>.<fp>, or a name')
    .option('--quota <size>', 'room for it on this disk; 20GiB for all together with --trusted')
    .option(
      '--trusted <level>',
      'mirror whom this node trusts to mirror at this level, 1 to 3, or above; none ends that'
    )
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
        'plexnet mirror alice --quota 20GiB --rate 10Mbit --schedule 01:00-06:00',
        'plexnet mirror --trusted 2 --quota 20GiB'
      )
    )
    .action(
      run(async (context, address: string | undefined, options: MirrorOptions) => {
        if ((address == null) === (options.trusted == null)) throw new UsageError(ONE_OF_BOTH)

        return address == null
          ? followTrusted(context, options)
          : mirrorOne(context, address, options)
      })
    )

  program
    .command('unmirror')
    .description('remove the copy of a site')
    .argument('[address]', '<uuid>.<fp>, or a name')
    .option('--all', 'remove all that this node holds for others')
    .addHelpText('after', examples(`plexnet unmirror ${SAMPLE}`, 'plexnet unmirror --all'))
    .action(
      run(async (context, address: string | undefined, { all = false }: { all?: boolean }) => {
        if ((address == null) !== all) {
          throw new UsageError('name the site whose copy is to be removed, or --all')
        }

        const { mirrors } = await runningNode(context)
        const removed =
          address == null ? await mirrors.removeAll() : [await mirrors.remove(address)]
        const text = removed.map(mirror => `${mirror.address} is not mirrored any more.`)

        return {
          value: address == null ? removed : removed[0],
          text: text.length === 0 ? 'This node mirrored nothing.' : text.join('\n')
        }
      })
    )

  addMirrors(program, run)
}

const PACE_OF_ALL =
  '--rate and --schedule are of one site: for all together set mirrors.rate and mirrors.schedule'
const ONE_OF_BOTH = 'name the site that is to be mirrored, or --trusted with a level from 1 to 3'

async function mirrorOne(
  context: Context,
  address: string,
  { quota = '5GiB', wait, rate, schedule }: MirrorOptions
): Promise<Output> {
  const pace = { ...(rate != null && { rate }), ...(schedule != null && { schedule }) }
  const asked = [readQuota(quota), readPace(pace)] as const
  const node = await runningNode(context)
  const begun = await node.mirrors.add(address, ...asked)
  const mirror = wait ? await untilSettled(context, node, begun) : begun

  return { value: mirror, text: describeMirrored(mirror) }
}

async function followTrusted(
  context: Context,
  { trusted = '', quota = '20GiB', rate, schedule }: MirrorOptions
): Promise<Output> {
  if (rate != null || schedule != null) throw new UsageError(PACE_OF_ALL)

  const policy =
    trusted === 'none' ? null : { trusted: readLevel(trusted), quota: readQuota(quota) }

  await (await runningNode(context)).mirrors.follow(policy)

  return {
    value: policy,
    text:
      policy == null
        ? 'Nothing more is mirrored by itself; what is mirrored stays: plexnet unmirror --all removes it.'
        : `Sites of nodes that are trusted at level ${policy.trusted} or above are mirrored from now on, ${describeBytes(policy.quota)} together.`
  }
}

/** @throws UsageError */
function readLevel(text: string): number {
  if (!/^[123]$/.test(text)) {
    throw new UsageError(`"${text}" is no level of trust: write 1, 2, 3 or none`)
  }

  return Number(text)
}

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
