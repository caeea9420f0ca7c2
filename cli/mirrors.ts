import type { Command } from 'commander'
import type { Run } from './context.ts'
import { examples } from './examples.ts'
import { describeMirrors } from './mirrors/describe.ts'
import { runningNode } from './node.ts'

/** What this node mirrors, and who mirrors its site. */
export function addMirrors(program: Command, run: Run): void {
  const mirrors = program
    .command('mirrors')
    .description('what this node mirrors, and who mirrors its site')
    .addHelpText('after', examples('plexnet mirrors', 'plexnet --json mirrors'))

  mirrors
    .command('list', { isDefault: true })
    .description('both directions')
    .addHelpText('after', examples('plexnet mirrors'))
    .action(
      run(async context => {
        const overview = await (await runningNode(context)).mirrors.overview()

        return { value: overview, text: describeMirrors(overview) }
      })
    )

  mirrors
    .command('add')
    .description(
      'tell clients of a copy of the own site on a web server, as soon as its content is right'
    )
    .argument('<url>', 'the folder that stands for the root of the site')
    .addHelpText('after', examples('plexnet mirrors add https://copy.example.org/site/'))
    .action(
      run(async (context, url: string) => {
        const server = await (await runningNode(context)).mirrors.name(url)

        return {
          value: server,
          text: `${server.id} is compared with the site now: plexnet mirrors`
        }
      })
    )

  mirrors
    .command('remove')
    .description('tell clients of a mirror of the own site no more')
    .argument('<mirror>', 'its address or its URL, as plexnet mirrors shows it')
    .addHelpText('after', examples('plexnet mirrors remove https://copy.example.org/site/'))
    .action(
      run(async (context, id: string) => {
        const mirror = await (await runningNode(context)).mirrors.end(id)

        return { value: mirror, text: `Clients are not told of ${mirror.id} any more.` }
      })
    )
}
