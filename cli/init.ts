import type { Command } from 'commander'
import { configurationOf, type Run } from './context.ts'
import { examples } from './examples.ts'
import { keptPassphraseNotice, makeIdentity, type MakeOptions } from './identity.ts'

export function addInit(program: Command, run: Run): void {
  program
    .command('init')
    .description('make an identity for this machine: UUID, keys and certificate')
    .option('--id <uuid>', 'use this UUID, which was made elsewhere')
    .option('--private-id', 'make the UUID without the hardware address of this machine')
    .option('--passphrase-file <file>', 'file whose first line is the passphrase')
    .addHelpText(
      'after',
      examples('plexnet init', 'plexnet init --private-id --passphrase-file ~/.plexnet-passphrase')
    )
    .action(
      run(async (context, options: MakeOptions) => {
        const { identity, keptIn } = await makeIdentity(context, configurationOf(context), options)
        const { describeIdentity, identityText } = await import('./id-card.ts')
        const card = describeIdentity(identity)
        const notice = keptIn == null ? [] : ['', keptPassphraseNotice(keptIn)]

        return {
          value: { ...card, ...(keptIn == null ? {} : { passphraseFile: keptIn }) },
          text: ['Made a new identity.', '', identityText(card), ...notice].join('\n')
        }
      })
    )
}
