import type { FastifyPluginCallback } from 'fastify'
import { readFullAddress, type FullAddress } from '../../identity/index.ts'
import { badRequest } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import { notMirrored } from './problems.ts'

export interface MirrorWordOptions {
  /** What this node says of itself as a mirror of a site, signed. */
  readonly mirrorRecord: (address: FullAddress) => Uint8Array | undefined
  readonly server: string
}

/** Where a node says what it is to a site: `/.well-known/plexnet/mirror/<uuid>.<fp>`. */
export const mirrorWord: FastifyPluginCallback<MirrorWordOptions> = (
  app,
  { mirrorRecord, server },
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
  done()
}

const FULL = 'Mirrored sites stand under their full address, <uuid>.<fp>.'
