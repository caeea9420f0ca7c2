import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import { InvalidRequestError } from './errors.ts'
import type { ControlledNode } from './controlled-node.ts'
import { mirrorsPlugin } from './mirrors/plugin.ts'
import { verifyPlugin } from './verify/plugin.ts'
import { METRICS_TYPE } from '../metrics/media-type.ts'
import { toProblem } from './problem.ts'
import { FETCH_HEADER, formatFetchHeader } from './fetch-header.ts'
import { textOf } from './members.ts'
import { readNaming, readShelved } from './names/requests.ts'
import { readTrustQuestion, readTrustRemoval, readTrustRequest } from './trust/requests.ts'
import { readFetch, readFolder, readPassphrase, readResolve } from './requests.ts'

export interface ControlOptions {
  readonly node: ControlledNode
}

/** The JSON API that the command line drives a running node with; whoever reaches it owns the node. */
export const controlPlugin: FastifyPluginAsync<ControlOptions> = async (app, { node }) => {
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error)

    request.log.debug({ err: error }, 'control request failed')
    return reply.code(problem.status).type('application/problem+json').send(problem)
  })
  app.setNotFoundHandler(request => {
    throw new InvalidRequestError(`${request.method} ${request.url} is not part of this node`)
  })

  app.get('/status', () => node.status())
  app.get('/id', () => node.id())
  app.get('/peers', () => node.peers())
  app.get('/seed', () => node.seed())
  app.get('/config', () => node.config())
  app.get('/metrics', async (_, reply) => reply.type(METRICS_TYPE).send(await node.metrics()))

  app.post('/publish', request => node.publish(readFolder(request.body)))
  app.post('/unpublish', async (_, reply) => {
    await node.unpublish()
    return reply.code(204).send()
  })
  app.post('/unlock', async (request, reply) => {
    await node.unlock(readPassphrase(request.body))
    return reply.code(204).send()
  })
  app.post('/last-records', request => node.tellEnd(textOf(request.body, 'text')))
  app.post('/sources', request => node.sources(textOf(request.body, 'address')))
  await app.register(verifyPlugin, { node })
  await app.register(mirrorsPlugin, { mirrors: () => node.mirrors })
  app.post('/resolve', (request, reply) => {
    const { address, fresh } = readResolve(request.body)

    return node.resolve(address, { fresh, signal: signalOf(reply) })
  })
  app.post('/fetch', async (request, reply) => {
    const { address, path, ...options } = readFetch(request.body)
    const resource = await node.fetch(address, path, { ...options, signal: signalOf(reply) })

    return reply
      .header(FETCH_HEADER, formatFetchHeader(resource))
      .type('application/octet-stream')
      .send(resource.body)
  })
  app.get('/cache', () => node.cache.status())
  app.post('/cache/clear', async (_, reply) => {
    await node.cache.clear()
    return reply.code(204).send()
  })
  app.get('/audits', () => node.audits.list())
  app.get('/names', () => node.names.list())
  app.post('/names', request => {
    const { name, address, shelf } = readNaming(request.body)

    return node.names.add(name, address, shelf)
  })
  app.post('/names/remove', async (request, reply) => {
    const { name, shelf } = readShelved(request.body)

    await node.names.remove(name, shelf)
    return reply.code(204).send()
  })
  app.post('/names/resolve', request => node.names.resolve(textOf(request.body, 'name')))

  app.get('/trust', () => node.trust.list())
  app.post('/trust', request => node.trust.add(readTrustRequest(request.body)))
  app.post('/trust/remove', request => {
    const { address, domains } = readTrustRemoval(request.body)

    return node.trust.remove(address, domains)
  })
  app.post('/trust/refresh', async (_, reply) => {
    await node.trust.refresh()
    return reply.code(204).send()
  })
  app.post('/trust/why', request => {
    const { address, domain } = readTrustQuestion(request.body)

    return node.trust.why(address, domain)
  })
  app.post('/stop', (request, reply) => {
    // The answer goes first: stopping closes this connection too.
    reply.raw.once('close', () => {
      node.stop().catch((error: unknown) => request.log.error({ err: error }, 'stopping failed'))
    })
    return reply.code(202).send({ stopping: true })
  })
}

/** Aborted when the client goes away before it has its answer. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()

  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) {
      controller.abort()
    }
  })

  return controller.signal
}
