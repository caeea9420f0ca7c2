import type { Command } from 'commander'
import type { NamedJson, NameJson, NameList } from '../http-gateway/control/index.ts'
import { note, type Run } from './context.ts'
import { examples } from './examples.ts'
import { runningNode } from './node.ts'
import { table } from './text.ts'

const SAMPLE = '6409808a-3548-11db-f2fd-0016cb90e4dc.mzxw6ytboi2gk3tumvzxi5dfon'

interface ShelfOptions {
  readonly publish?: boolean
}

export function addName(program: Command, run: Run): void {
  const name = program
    .command('name')
    .description('what you call other nodes, and what you publish for your friends to call them')

  name
    .command('add')
    .description('call a node by a name')
    .argument('<name>', 'letters, digits and hyphens')
    .argument('<address>', '<uuid>.<fp>, or another name: blog.alice is what alice calls blog')
    .option('--publish', 'for all who follow your names, in place of for yourself')
    .addHelpText(
      'after',
      examples(`plexnet name add alice ${SAMPLE}`, `plexnet name add --publish blog ${SAMPLE}`)
    )
    .action(
      run(async (context, label: string, address: string, { publish }: ShelfOptions) => {
        const added = await (await runningNode(context)).names.add(label, address, shelfOf(publish))
        const warning = warningText(added)

        if (warning != null) note(context, warning)

        return {
          value: added,
          text:
            publish === true
              ? `Published: who follows your names finds ${added.address} as ${added.name}.<what they call you>`
              : `${added.name} is ${added.address}: http://${added.name}.plex.localhost:8010/`
        }
      })
    )

  name
    .command('remove')
    .description('forget a name')
    .argument('<name>')
    .option('--publish', 'one that you publish')
    .addHelpText('after', examples('plexnet name remove alice'))
    .action(
      run(async (context, label: string, { publish }: ShelfOptions) => {
        await (await runningNode(context)).names.remove(label, shelfOf(publish))

        return { value: {}, text: `${label} is no name any more.` }
      })
    )

  name
    .command('list')
    .description('your names, and those that you publish')
    .addHelpText('after', examples('plexnet name list'))
    .action(
      run(async context => {
        const list = await (await runningNode(context)).names.list()

        return { value: list, text: listText(list) }
      })
    )

  name
    .command('resolve')
    .description('whom a name means, and who says so')
    .argument('<name>', 'alice, or blog.alice, or the same as alice/blog')
    .addHelpText('after', examples('plexnet name resolve blog.alice'))
    .action(
      run(async (context, text: string) => {
        const named = await (await runningNode(context)).names.resolve(text)
        const warning = warningText(named)

        if (warning != null) note(context, warning)

        return { value: named, text: namedText(named) }
      })
    )
}

function shelfOf(publish: boolean | undefined): 'own' | 'published' {
  return publish === true ? 'published' : 'own'
}

function warningText({ name, suspicion }: NameJson): string | undefined {
  if (suspicion == null) return undefined

  return suspicion.kind === 'look-alike'
    ? `Beware: ${name} looks like ${suspicion.of}, and is another node.`
    : `Beware of ${name}: ${suspicion.reason}.`
}

function listText({ own, published }: NameList): string {
  return [
    'Your names',
    own.length === 0 ? '  none yet: plexnet name add <name> <address>' : rows(own),
    '',
    'Published for others',
    published.length === 0 ? '  none' : rows(published)
  ].join('\n')
}

function rows(names: readonly NameJson[]): string {
  return table(names.map(({ name, address }) => [name, address]))
}

function namedText({ name, address, steps }: NamedJson): string {
  return [
    `${name} is ${address}`,
    ...steps.map(({ label, by, address: meant, stale }) => {
      const who = by.includes('own') ? 'your own name' : `so says ${by.join(' and ')}`

      return `  ${label}  ${meant}  ${who}${stale ? ', when last asked' : ''}`
    })
  ].join('\n')
}
