import type { FastifyPluginCallback } from 'fastify'
import { InvalidRequestError } from '../errors.ts'
import { membersOf, textOf } from '../members.ts'
import type { MirrorControl } from './mirror-control.ts'

export interface MirrorsPluginOptions {
  readonly mirrors: () => MirrorControl
}

/** What this node mirrors. */
export const mirrorsPlugin: FastifyPluginCallback<MirrorsPluginOptions> = (
  app,
  { mirrors },
  done
) => {
  app.get('/mirrors', async () => mirrors().list())
  app.post('/mirrors', async ({ body }) => mirrors().add(textOf(body, 'address'), quotaOf(body)))
  app.post('/mirrors/remove', async ({ body }) => mirrors().remove(textOf(body, 'address')))
  done()
}

function quotaOf(body: unknown): number {
  const { quota } = membersOf(body)

  if (typeof quota !== 'number') {
    throw new InvalidRequestError('the request needs a number of bytes named "quota"')
  }

  return quota
}
