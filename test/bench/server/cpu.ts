import { readFile, readdir } from 'node:fs/promises'

// USER_HZ of Linux: what /proc counts in.
const TICKS_PER_SECOND = 100

// Fields 14 and 15 of proc_pid_stat(5), counted behind the name in parentheses.
const UTIME = 11
const STIME = 12

/** CPU time of a process and of those below it since they began, user and system, in µs. */
export async function cpuTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[UTIME]) + Number(fields[STIME])
  const below = await Promise.all((await childrenOf(pid)).map(cpuTime))

  return below.reduce((sum, time) => sum + time, (ticks / TICKS_PER_SECOND) * 1e6)
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`)
  const lists = await Promise.all(
    threads.map(async thread => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8'))
  )

  return lists.flatMap(list => list.split(' ').filter(Boolean)).map(Number)
}
