import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** Between two looks at what the system tells of its processes by no event, in ms. */
const LOOK = 20

/** The processes that a process has started and that run, as Linux tells. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')

  return text.split(' ').filter(Boolean).map(Number)
}

/** Resolves when a process has gone; one that is dead and not yet asked for its end counts as gone. */
export async function untilGone(pid: number): Promise<void> {
  await until(async () => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')

    return stat === '' || /\) [ZX] /.test(stat)
  })
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(LOOK)
}
