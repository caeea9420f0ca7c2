import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Load {
  readonly url: string
  readonly connections: number
  /** s */
  readonly duration: number
  /** A Lua file of `writeScript`. */
  readonly script: string
}

export interface Answered {
  readonly requests: number
  readonly bytes: number
}

interface Summary extends Answered {
  readonly failures: number
}

const run = promisify(execFile)

// Answers that break off at the end are no failures.
const DONE = `done = function(summary)
  local errors = summary.errors
  io.write(string.format('{ "requests": %d, "bytes": %d, "failures": %d }',
    summary.requests, summary.bytes, errors.connect + errors.read + errors.write + errors.status))
end
`

/** A script that tells wrk's figures as JSON; \`requests\` is Lua that makes requests other than that for the URL. */
export async function writeScript(folder: string, name: string, requests = ''): Promise<string> {
  const file = join(folder, `${name}.lua`)

  await writeFile(file, requests + DONE)

  return file
}

/**
 * What was answered while each connection asks again as soon as it has its answer.
 *
 * @throws where an answer was not 200, or a connection failed
 */
export async function load({ url, connections, duration, script }: Load): Promise<Answered> {
  const { stdout } = await run('wrk', [
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${duration}s`,
    '--timeout=10s',
    '--script',
    script,
    url
  ])
  const summary = JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as Summary

  if (summary.failures > 0) {
    throw new Error(`${url} was not served as it should be:\n${stdout}`)
  }

  return summary
}
