import type { FastifyPluginCallback } from 'fastify'
import { readFullAddress, type FullAddress } from '../../identity/index.ts'
import { badRequest } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import { notMirrored } from './problems.ts'
import type { PushReceiver } from './push-receiver.ts'

export interface MirrorWordOptions {
  /** What this node says of itself as a mirror of a site, signed. */
  readonly mirrorRecord: (address: FullAddress) => Uint8Array | undefined
  /** Undefined where nothing can be pushed to. */
  readonly pushes: PushReceiver | undefined
  readonly server: string
}

// An archive of the blocks that are asked for at once, and one block of the largest kind.
const MAX_PUSH = 20 * 1024 * 1024

/** Where a node says what it is to a site: `/.well-known/plexnet/mirror/<uuid>.<fp>`. */
export const mirrorWord: FastifyPluginCallback<MirrorWordOptions> = (
  app,
  { mirrorRecord, pushes, server },
  done
) => {
  app.get<{ Params: { address: string } }>(
    '/.well-known/plexnet/mirror/:address',
    ({ raw: request, params }, reply) => {
      const { raw: response } = reply
      const address = readFullAddress(params.address)
      const record = address === undefined ? undefined : mirrorRecord(address)

      reply.hijack()

      if (address === undefined) {
        sendProblem(request, response, badRequest(FULL), server)
      } else if (record === undefined) {
        sendProblem(request, response, notMirrored(), server)
      } else {
        response.writeHead(200, [
          'Server',
          server,
          'Content-Type',
          'application/vnd.plexnet.mirror',
          'Content-Length',
          String(record.length),
          'Cache-Control',
          'no-cache',
          'X-Content-Type-Options',
          'nosniff'
        ])
        response.end(record)
      }
    }
  )
  app.put<{ Params: { address: string } }>(
    '/.well-known/plexnet/mirror/:address',
    { bodyLimit: MAX_PUSH },
    async ({ raw: request, params, body, headers }, reply) => {
      const address = readFullAddress(params.address)

      reply.hijack()

      const { raw: response } = reply

      if (address === undefined || pushes === undefined) {
        sendProblem(request, response, notMirrored(), server)

        return
      }

      const { receive } = await import('./receiving/service.ts')
      const content = body instanceof Uint8Array ? body : new Uint8Array()
      const answer = await receive(pushes, { address, type: headers['content-type'], content })

      if ('status' in answer) {
        sendProblem(request, response, answer, server)
      } else {
        const text = JSON.stringify(answer)

        response.writeHead(200, [
          'Server',
          server,
          'Content-Type',
          'application/json',
          'Content-Length',
          String(Buffer.byteLength(text)),
          'Cache-Control',
          'no-store'
        ])
        response.end(text)
      }
    }
  )
  done()
}

const FULL = 'Mirrored sites stand under their full address, <uuid>.<fp>.'
