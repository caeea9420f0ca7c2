import { execFile } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Machine } from '../../manifest.ts'

/** In ms. */
const GIT_TIMEOUT = 2000

const ROOT = join(import.meta.dirname, '../../..')

/** Where the repository begins: the source, or the bundle in its folder there. */
const PLACES = [ROOT, join(ROOT, '..')]

export function thisMachine(): Machine {
  const processors = cpus()

  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory: totalmem(),
    platform: `${process.platform} ${process.arch}`
  }
}

/** The commit of the source that runs, with a + where it was changed since; undefined for a package, which may lie in the repository of something else. */
export async function thisCommit(): Promise<string | undefined> {
  try {
    const top = await git('rev-parse', '--show-toplevel')
    const places = await Promise.all(PLACES.map(async place => realpath(place)))

    if (!places.includes(top)) return undefined

    const commit = await git('rev-parse', '--short=12', 'HEAD')
    const changes = await git('status', '--porcelain', '--', ':/simulations')

    return changes === '' ? commit : `${commit}+`
  } catch {
    return undefined
  }
}

/** The most memory that this process has had, in bytes. */
export function peakRss(): number {
  return process.resourceUsage().maxRSS * 1024
}

/** Since the process began, in seconds of processor. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()

  return (user + system) / 1e6
}

async function git(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['-C', ROOT, ...args], {
    timeout: GIT_TIMEOUT
  })

  return stdout.trim()
}
