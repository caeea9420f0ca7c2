import type { Command } from 'commander'
import { configurationOf, type Run } from './context.ts'
import { examples } from './examples.ts'
import { requirePassphrase } from './identity.ts'
import { runningNode } from './node.ts'

export function addUnlock(program: Command, run: Run): void {
  program
    .command('unlock')
    .description('let the running node sign again: its record, its certificate')
    .option('--passphrase-file <file>', 'file whose first line is the passphrase')
    .addHelpText('after', examples('plexnet unlock'))
    .action(
      run(async (context, { passphraseFile }: { passphraseFile?: string }) => {
        const node = await runningNode(context)
        const { locked } = await node.status()

        if (locked) {
          await node.unlock(
            await requirePassphrase(context, configurationOf(context), passphraseFile)
          )
        }

        return { value: { locked: false }, text: locked ? 'Unlocked.' : 'It was not locked.' }
      })
    )
}
