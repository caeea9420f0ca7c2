import type { Command } from 'commander'
import { bashScript } from './completion/bash.ts'
import { fishScript } from './completion/fish.ts'
import { commandTree, type Shape } from './completion/tree.ts'
import { zshScript } from './completion/zsh.ts'
import type { Run } from './context.ts'
import { UsageError } from './errors.ts'
import { examples } from './examples.ts'

const SCRIPTS: Readonly<Record<string, (shapes: readonly Shape[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript
}

export function addCompletion(program: Command, run: Run): void {
  program
    .command('completion')
    .description('a script with which the shell completes commands and options')
    .argument('<shell>', Object.keys(SCRIPTS).join(', '))
    .addHelpText(
      'after',
      examples(
        'source <(plexnet completion bash)',
        'plexnet completion zsh > "${fpath[1]}/_plexnet"',
        'plexnet completion fish > ~/.config/fish/completions/plexnet.fish'
      )
    )
    .action(
      run(async (_, shell: string) => {
        const script = SCRIPTS[shell]?.(commandTree(program))

        if (script == null) {
          throw new UsageError(
            `there is no completion for ${JSON.stringify(shell)}; there is for ${Object.keys(SCRIPTS).join(', ')}`
          )
        }

        return { value: { shell, script }, text: script.trimEnd() }
      })
    )
}
