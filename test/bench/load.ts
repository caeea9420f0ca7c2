import { Client } from 'undici'

export interface Transfer {
  readonly firstByte: number
  readonly total: number
  readonly bytes: number
}

/** One GET; times in ms from the request. */
export async function transfer(client: Client, path: string, host?: string): Promise<Transfer> {
  const started = performance.now()
  let firstByte = 0
  let bytes = 0
  const { body, statusCode } = await client.request({
    path,
    method: 'GET',
    headers: host == null ? {} : { host }
  })

  if (statusCode !== 200) throw new Error(`${path} answers ${statusCode}`)

  for await (const chunk of body) {
    if (bytes === 0) firstByte = performance.now() - started
    bytes += (chunk as Uint8Array).length
  }

  return { firstByte, total: performance.now() - started, bytes }
}

/** Requests a second with `inFlight` connections that each ask again as soon as they are answered, over `duration` ms. */
export async function requestsPerSecond(
  origin: string,
  path: string,
  options: { inFlight: number; duration: number; host?: string }
): Promise<number> {
  const until = performance.now() + options.duration
  const started = performance.now()
  const counts = await Promise.all(
    Array.from({ length: options.inFlight }, async () => {
      const client = new Client(origin)
      let count = 0

      while (performance.now() < until) {
        await transfer(client, path, options.host)
        count += 1
      }
      await client.close()

      return count
    })
  )

  return (counts.reduce((sum, count) => sum + count, 0) / (performance.now() - started)) * 1000
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN
}
