import type { Gateway } from '../../../http-gateway/index.ts'
import { ask } from '../client.ts'

/** So many new connections come to both of two workers, but once in a million runs. */
export const TIMES = 20

/** What a document is over many connections, each value once. */
export async function everywhere(gateway: Gateway, path: string): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: TIMES }, async (_, index) =>
      ask(index % 2 === 0 ? gateway.http[0] : gateway.https[0], path)
    )
  )

  return [...new Set(answers.map(({ status, body }) => `${status} ${body.toString()}`))]
}
