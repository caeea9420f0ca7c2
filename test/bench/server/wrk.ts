import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface Load {
  readonly url: string
  readonly connections: number
  /** s */
  readonly duration: number
  /** A Lua file that makes the requests. */
  readonly script?: string | undefined
}

const run = promisify(execFile)

/**
 * The number of requests that were answered; each connection asks again as soon as it is answered.
 *
 * @throws where an answer was not 200, or none came
 */
export async function countRequests({ url, connections, duration, script }: Load): Promise<number> {
  const { stdout } = await run('wrk', [
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${duration}s`,
    '--timeout=10s',
    ...(script === undefined ? [] : ['--script', script]),
    url
  ])
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0)

  if (requests === 0 || /Non-2xx|Socket errors/.test(stdout)) {
    throw new Error(`${url} was not served as it should be:\n${stdout}`)
  }

  return requests
}
