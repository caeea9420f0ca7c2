import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { configurationOf, type Context, type Output, type Run } from './context.ts'
import { examples } from './examples.ts'
import { writePrivateFile } from './files.ts'
import { requirePassphrase } from './identity.ts'
import { keptPassphraseFile } from './passphrase.ts'

interface BackupOptions {
  readonly output: string
  readonly passphraseFile?: string
}

export function addBackup(program: Command, run: Run): void {
  program
    .command('backup')
    .description(
      'the whole identity as one encrypted file, which the passphrase of this node opens'
    )
    .requiredOption('-o, --output <file>', 'file to write')
    .option('--passphrase-file <file>', 'file whose first line is the passphrase')
    .addHelpText('after', examples('plexnet backup -o plexnet.backup'))
    .action(run(backup))

  program
    .command('restore')
    .description(
      'put the identity of a backup on this machine; one that is there is never replaced'
    )
    .argument('<file>', 'made by `plexnet backup`')
    .option('--passphrase-file <file>', 'file whose first line is the passphrase')
    .addHelpText('after', examples('plexnet restore plexnet.backup'))
    .action(run(restore))
}

async function backup(context: Context, options: BackupOptions): Promise<Output> {
  const loaded = configurationOf(context)
  const { directories } = loaded
  const { backupIdentity, openIdentity, unlockAuthority } = await import('../identity/index.ts')
  const identity = await openIdentity(directories.identity)
  const passphrase = await requirePassphrase(context, loaded, options.passphraseFile)

  // A backup under a mistyped passphrase would be found out when it is too late.
  await unlockAuthority(directories.identity, identity, passphrase)
  await writePrivateFile(options.output, await backupIdentity(directories.identity, { passphrase }))

  return {
    value: { file: options.output, uuid: identity.uuid },
    text: [
      `Wrote ${options.output}. It opens with the passphrase of this node, so keep that apart from it`,
      `(where it was made up, it is in ${keptPassphraseFile(directories)}).`
    ].join('\n')
  }
}

async function restore(
  context: Context,
  file: string,
  options: { passphraseFile?: string }
): Promise<Output> {
  const loaded = configurationOf(context)
  const { restoreIdentity } = await import('../identity/index.ts')
  const { describeIdentity, identityText } = await import('./id-card.ts')
  const bytes = await readFile(file)
  const passphrase = await requirePassphrase(context, loaded, options.passphraseFile)
  const card = describeIdentity(
    await restoreIdentity(loaded.directories.identity, bytes, { passphrase })
  )

  return { value: card, text: `Restored the identity.\n\n${identityText(card)}` }
}
