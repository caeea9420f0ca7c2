import { Readable } from 'node:stream'
import type { FastifyPluginAsync } from 'fastify'
import type { VerifyEvent } from '../../verified/verifying/report.ts'
import type { ControlledNode } from '../controlled-node.ts'
import { readVerify } from './request.ts'

/** `POST /verify`: what comes of it as lines of JSON, the report last. */
export const verifyPlugin: FastifyPluginAsync<{ readonly node: ControlledNode }> = async (
  app,
  { node }
) => {
  app.post('/verify', async (request, reply) => {
    const gone = new AbortController()

    reply.raw.once('close', () => gone.abort())

    const { address, sources } = readVerify(request.body)
    const events = node.verify(address, { sources, signal: gone.signal })[Symbol.asyncIterator]()
    // What is wrong from the beginning is answered with a problem.
    const first = await events.next()

    return reply.type('application/x-ndjson').send(Readable.from(linesOf(first, events)))
  })
}

async function* linesOf(
  first: IteratorResult<VerifyEvent>,
  events: AsyncIterator<VerifyEvent>
): AsyncGenerator<string> {
  for (let next = first; next.done !== true; next = await events.next()) {
    yield `${JSON.stringify(next.value)}\n`
  }
}
