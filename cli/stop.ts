import { setTimeout } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Run } from './context.ts'
import { examples } from './examples.ts'
import { runningNode } from './node.ts'

/** A node that stops does so in well under a second; both in ms. */
const STOP_TIMEOUT = 10_000
const LOOK_INTERVAL = 20

export function addStop(program: Command, run: Run): void {
  program
    .command('stop')
    .description('end the running node')
    .addHelpText('after', examples('plexnet stop'))
    .action(
      run(async context => {
        const node = await runningNode(context)
        const { pid } = await node.status()

        await node.stop()
        await untilGone(pid)

        return { value: { stopped: pid }, text: 'Stopped.' }
      })
    )
}

async function untilGone(pid: number): Promise<void> {
  const end = performance.now() + STOP_TIMEOUT

  while (isAlive(pid)) {
    if (performance.now() > end) {
      throw new Error(
        `process ${pid} was told to stop and still runs after ${STOP_TIMEOUT / 1000} s; end it with: kill ${pid}`
      )
    }
    await setTimeout(LOOK_INTERVAL)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)

    return true
  } catch {
    return false
  }
}
