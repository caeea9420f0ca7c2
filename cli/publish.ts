import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { PublishedSite } from '../http-gateway/control/index.ts'
import type { ControlClient } from './control-client.ts'
import { configurationOf, type Context, note, type Output, type Run } from './context.ts'
import { NoNodeError, UsageError } from './errors.ts'
import { examples } from './examples.ts'
import {
  findOwnPassphrase,
  isIdentityMissing,
  type MadeIdentity,
  madeText,
  makeIdentity
} from './identity.ts'
import { runningNode } from './node.ts'
import { untilSigned } from './publishing.ts'
import { sitePlaces, table } from './text.ts'
import { treeRows } from './tree-text.ts'

export function addPublish(program: Command, run: Run): void {
  program
    .command('publish')
    .description('serve a folder under the address of this node; starts the node if none runs')
    .argument('<folder>', 'served in place: a change to a file is published with it')
    .option('--no-start', 'fail if no node runs')
    .option('--no-wait', 'do not wait until the folder is read and signed')
    .addHelpText('after', examples('plexnet publish ./site'))
    .action(run(publish))

  program
    .command('unpublish')
    .description('serve no folder any more')
    .addHelpText('after', examples('plexnet unpublish'))
    .action(
      run(async context => {
        await (await runningNode(context)).unpublish()

        return { value: {}, text: 'Nothing is published now.' }
      })
    )
}

async function publish(
  context: Context,
  folder: string,
  { start, wait }: { start: boolean; wait: boolean }
): Promise<Output> {
  const root = resolve(folder)

  await requireFolder(root)
  const node = await runningNode(context)

  const isStarted = !(await isRunning(node, start))
  const made = isStarted ? await startNode(context, node) : undefined
  const started = performance.now()
  const published = await node.publish(root)
  const site = wait ? await untilSigned(context, node, published) : published
  const milliseconds = Math.round(performance.now() - started)
  const passphraseFile = made?.keptIn

  return {
    value: {
      ...site,
      milliseconds,
      started: isStarted,
      ...(passphraseFile == null ? {} : { passphraseFile })
    },
    text: wait ? `${publishedText(site)}\n\n${durationText(milliseconds)}` : publishedText(site)
  }
}

export function publishedText({ root, urls, tree }: PublishedSite): string {
  const rows = [...sitePlaces(urls), ...(tree == null ? [] : treeRows(tree))]

  return [`Published ${root}`, '', table(rows)].join('\n')
}

function durationText(milliseconds: number): string {
  return `Read and signed in ${(milliseconds / 1000).toFixed(1)} s; the site was served from the first moment.`
}

/** @throws NoNodeError where none runs and none may be started */
async function isRunning(node: ControlClient, mayStart: boolean): Promise<boolean> {
  try {
    await node.status()

    return true
  } catch (error) {
    if (mayStart && error instanceof NoNodeError) {
      return false
    }
    throw error
  }
}

/** The passphrase goes through the socket: in an argument or variable of the new process others could see it. */
async function startNode(context: Context, node: ControlClient): Promise<MadeIdentity | undefined> {
  const loaded = configurationOf(context)
  const { startDetached } = await import('./detached.ts')
  const made = isIdentityMissing(loaded) ? await makeIdentity(context, loaded) : undefined

  if (made != null) {
    note(context, madeText(made))
  }
  const passphrase = made?.passphrase ?? (await findOwnPassphrase(context, loaded))

  await startDetached(loaded)
  note(context, 'Started a node in the background; `plexnet stop` ends it.')

  if (passphrase != null && (await node.status()).locked) {
    await node.unlock(passphrase)
  }

  return made
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined)

  if (found?.isDirectory() !== true) {
    throw new UsageError(`${folder} is not a folder`)
  }
}
