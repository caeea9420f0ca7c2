import type { Command } from 'commander'
import type { Run } from './context.ts'
import { examples } from './examples.ts'
import { runningNode } from './node.ts'

export function addMetrics(program: Command, run: Run): void {
  program
    .command('metrics')
    .description('the figures of the running node, in the text format of Prometheus')
    .addHelpText('after', examples('plexnet metrics', 'plexnet metrics | grep hot_files'))
    .action(
      run(async context => {
        const text = await (await runningNode(context)).metrics()

        return { value: { text }, text: text.trimEnd() }
      })
    )
}
