import type { Command } from 'commander'
import { formatQuantity } from '../config/quantities.ts'
import type { CacheStatus } from '../http-gateway/control/index.ts'
import type { Run } from './context.ts'
import { examples } from './examples.ts'
import { runningNode } from './node.ts'
import { table } from './text.ts'

export function addCache(program: Command, run: Run): void {
  const cache = program
    .command('cache')
    .description('answers of web servers and of other nodes that the running node keeps')

  cache
    .command('status', { isDefault: true })
    .description('how much is kept, and how often it was of use')
    .addHelpText('after', examples('plexnet cache', 'plexnet --json cache status'))
    .action(
      run(async context => {
        const status = await (await runningNode(context)).cache.status()

        return { value: status, text: describe(status) }
      })
    )

  cache
    .command('clear')
    .description('forget all that is kept')
    .addHelpText('after', examples('plexnet cache clear'))
    .action(
      run(async context => {
        const node = await runningNode(context)
        const { urls, bytes } = await node.cache.status()

        await node.cache.clear()

        return { value: { urls, bytes }, text: `Forgotten: ${addresses(urls)}, ${bytes} bytes.` }
      })
    )
}

function describe({ hits, misses, urls, bytes, budget }: CacheStatus): string {
  const asked = hits + misses
  const share = asked === 0 ? '' : ` (${Math.round((hits / asked) * 100)} %)`

  return table([
    ['kept', `${addresses(urls)}, ${bytes} bytes of ${formatQuantity(budget, 'bytes')}`],
    ['answered here', `${hits} of ${asked}${share}`]
  ])
}

function addresses(count: number): string {
  return `${count} ${count === 1 ? 'address' : 'addresses'}`
}
