import type { Command } from 'commander'
import { type LoadedConfiguration, SETTINGS } from '../config.ts'
import { formatQuantity } from '../config/quantities.ts'
import { configurationOf, type Context, type Output, type Run } from './context.ts'
import { examples } from './examples.ts'
import { runningNode } from './node.ts'

export function addConfig(program: Command, run: Run): void {
  const config = program
    .command('config')
    .description('what the node is configured with, and where from')
    .addHelpText('after', examples('plexnet config', 'plexnet config check ./config.toml'))

  config
    .command('show', { isDefault: true })
    .description('every setting, in the form of the file')
    .option('--running', 'what the running node uses')
    .addHelpText('after', examples('plexnet config show --json'))
    .action(run(show))

  config
    .command('path')
    .description('where the file and the directories are')
    .addHelpText('after', examples('$EDITOR "$(plexnet config path)"'))
    .action(
      run(async context => {
        const { path, directories } = configurationOf(context)

        return { value: { file: path, ...directories }, text: path }
      })
    )

  config
    .command('check')
    .description('whether a configuration can be started with')
    .argument('[file]', 'in place of the usual one')
    .addHelpText('after', examples('plexnet config check ./config.toml'))
    .action(
      run(async (context, file: string | undefined) => {
        const { path } = configurationOf(context, { file })

        return { value: { file: path, ok: true }, text: `${path}: no fault found` }
      })
    )
}

async function show(context: Context, { running = false }: { running?: boolean }): Promise<Output> {
  if (running) {
    const value = await (await runningNode(context)).config()

    return { value, text: JSON.stringify(value, null, 2) }
  }
  const { settings } = configurationOf(context)
  const value = Object.fromEntries(
    settings.map(({ key, value: setting, source }) => [key, { value: setting ?? null, source }])
  )

  return { value, text: configurationText(settings) }
}

/** TOML that loads as it stands. */
function configurationText(settings: LoadedConfiguration['settings']): string {
  return settings
    .map(({ key, value, source }) => {
      const { field } = SETTINGS.find(setting => setting.key === key) ?? {}
      const unit = field?.unit
      const text =
        unit != null && typeof value === 'number' ? formatQuantity(value, unit) : (value ?? '')
      const origin = source === 'default' ? '' : `  # from ${source}`

      return [`# ${field?.description ?? ''}`, `${key} = ${JSON.stringify(text)}${origin}`].join(
        '\n'
      )
    })
    .join('\n')
}
